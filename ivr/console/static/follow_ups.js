// What is to be done for callers after their calls: the list, one of them in full, and what is done about it.
import { get, post } from "./api.js";
import { by, fill, h, say, takesKeys } from "./dom.js";
import { follow, now } from "./live.js";

let list = [];
let chosen = null;
let counts = "";

const when = (seconds) => new Date(seconds * 1000).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });

// "3 h 5 min" of a number of seconds, whichever sign it has.
function span(seconds) {
  const minutes = Math.floor(Math.abs(seconds) / 60), hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  return hours ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}

function due(one) {
  if (one.due === null) return "no time promised";
  if (one.state !== "open" && one.state !== "in progress") return `due ${when(one.due)}`;
  const left = one.due - now();
  return left <= 0 ? `overdue by ${span(left)}` : `due in ${span(left)}`;
}

async function load() {
  const asked = new URLSearchParams({ show: by("show").value, q: by("q").value, queue: by("queue").value });
  if (by("kind").value) asked.set("kind", by("kind").value);
  const found = await get(`/follow-ups?${asked}`);
  if (!found) return;
  list = found;
  const late = list.filter((one) => one.overdue).length;
  by("found").textContent = `${list.length === 1 ? "1 follow-up" : `${list.length} follow-ups`}${late ? `, ${late} overdue` : ""}`;
  queues(list.map((one) => one.queue));
  draw();
}

// Queues that were seen once stay in the choice.
function queues(names) {
  const known = new Set([...by("queue").options].map((option) => option.value));
  for (const name of [...new Set(names)].sort()) {
    if (!known.has(name)) by("queue").append(h("option", { value: name }, name));
  }
}

function draw() {
  const focused = document.activeElement?.dataset?.number;
  fill(by("follow-ups"), list.map((one) => h("li", {
    class: one.overdue ? "overdue" : one.state === "open" || one.state === "in progress" ? "" : "settled",
  }, h("button", { "data-number": one.id, "aria-current": chosen?.id === one.id ? "true" : null, onclick: () => open(one.id) },
    h("span", { class: "top" }, h("span", {}, one.what), h("span", { class: "when" }, due(one))),
    h("span", { class: "tags" }, h("span", { class: "tag" }, one.kind), h("span", { class: "tag" }, one.queue),
      one.to && h("span", {}, `for ${one.to}`), h("span", {}, one.contact || "number withheld"),
      h("span", {}, one.owner ? `${one.state}, ${one.owner}` : one.state))))));
  if (focused) by("follow-ups").querySelector(`[data-number="${focused}"]`)?.focus();
}

async function open(id) {
  const found = await get(`/follow-ups/${id}`);
  if (found) show(found);
}

function show(found) {
  chosen = found;
  by("one-title").textContent = `Follow-up ${found.id}: ${found.kind}`;
  const facts = [
    ["Due", found.due === null ? "no time promised" : `${when(found.due)} (${due(found)})`],
    ["Reach the caller at", found.contact || "number withheld"],
    found.to && ["For", found.to],
    ["State", found.owner ? `${found.state}, ${found.owner}` : found.state],
    found.outcome && ["Came of it", found.outcome],
    ["Queue", found.queue], ["Desk", found.desk], ["Promised", when(found.made)],
    found.handoff && ["Case", `${found.handoff}`],
  ].filter(Boolean);
  by("actions").hidden = false;
  fill(by("actions"), found.open
    ? [h("button", { class: "main", id: "take", disabled: found.owner !== "", onclick: take }, "Take ", h("kbd", {}, "T")),
      h("button", { id: "do-settle", disabled: !found.may, onclick: settle }, "Settle ", h("kbd", {}, "D")),
      h("button", { id: "do-note", onclick: note }, "Note ", h("kbd", {}, "N")),
      h("button", { id: "do-reassign", disabled: !found.may, onclick: reassign }, "Reassign ", h("kbd", {}, "A")),
      h("button", { id: "do-postpone", disabled: !found.may, onclick: postpone }, "Postpone ", h("kbd", {}, "P"))]
    : [h("button", { id: "do-reopen", disabled: !found.may, onclick: () => act("reopen") }, "Reopen"),
      h("button", { id: "do-note", onclick: note }, "Note ", h("kbd", {}, "N"))]);
  fill(by("one"), h("p", { class: "want-big" }, found.what),
    found.overdue && h("p", { class: "wrong", role: "status" }, `Overdue since ${when(found.due)}.`),
    h("dl", { class: "facts" }, facts.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    found.slots.length > 0 && h("h3", {}, "Facts"),
    found.slots.length > 0 && h("dl", { class: "facts" }, found.slots.map((slot) => [
      h("dt", {}, slot.name.replaceAll("_", " ")),
      h("dd", {}, h("b", {}, slot.value), " ", h("span", { class: "sure" }, slot.said && `said “${slot.said}”`))])),
    h("h3", {}, "Steps"),
    h("ul", { class: "steps soft" }, found.steps.map((step) => h("li", {},
      `${when(step.at)}  ${step.kind}${step.who ? `, ${step.who}` : ""}${step.note ? `: ${step.note}` : ""}`))));
  draw();
}

async function act(what, body) {
  const told = await post(`/follow-ups/${chosen.id}/${what}`, body);
  if (!told) return false;
  show(told);
  load();
  return true;
}

const take = () => act("take");

function ask(id, field) {
  by(id).showModal();
  by(field).focus();
}

const settle = () => { by("outcome").value = ""; by("settle-state").value = "done"; ask("settle", "outcome"); };
const note = () => { by("note-text").value = ""; ask("note", "note-text"); };

async function reassign() {
  const owners = await get(`/follow-ups/${chosen.id}/owners`);
  if (!owners) return;
  fill(by("owner"), owners.filter((name) => name !== chosen.owner).map((name) => h("option", { value: name }, name)));
  ask("reassign", "owner");
}

function postpone() {
  const at = new Date((chosen.due ?? now()) * 1000);
  at.setMinutes(at.getMinutes() - at.getTimezoneOffset());
  by("due").value = at.toISOString().slice(0, 16);
  ask("postpone", "due");
}

function sends(dialog, what, body) {
  const form = by(`${dialog}-form`);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await act(what, body())) { by(dialog).close(); say("Kept."); }
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey) { event.preventDefault(); form.requestSubmit(); }
  });
  by(dialog).querySelector("[data-close]").addEventListener("click", () => by(dialog).close());
}

sends("settle", "settle", () => ({ state: by("settle-state").value, outcome: by("outcome").value }));
sends("note", "note", () => ({ note: by("note-text").value }));
sends("reassign", "reassign", () => ({ owner: by("owner").value }));
sends("postpone", "postpone", () => ({ due: new Date(by("due").value).toISOString() }));

function move(step) {
  if (!list.length) return;
  const at = list.findIndex((one) => one.id === chosen?.id);
  const next = list[at < 0 ? 0 : Math.min(Math.max(at + step, 0), list.length - 1)];
  open(next.id);
  by("follow-ups").querySelector(`[data-number="${next.id}"]`)?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || takesKeys(event.target)) return;
  const press = (id) => { event.preventDefault(); by(id)?.click(); };
  switch (event.key) {
    case "j": move(1); break;
    case "k": move(-1); break;
    case "t": press("take"); break;
    case "d": press("do-settle"); break;
    case "n": press("do-note"); break;
    case "a": press("do-reassign"); break;
    case "p": press("do-postpone"); break;
    case "/": event.preventDefault(); by("q").focus(); break;
    case "?": by("keys").showModal(); break;
  }
});

let typing = 0;
for (const id of ["show", "kind", "queue"]) by(id).addEventListener("change", load);
by("q").addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(load, 250); });
by("filter").addEventListener("submit", (event) => { event.preventDefault(); load(); });
setInterval(draw, 30_000);
load();
follow((picture) => {
  const told = JSON.stringify(picture.follow_ups);
  if (counts && told !== counts) load();
  counts = told;
});
