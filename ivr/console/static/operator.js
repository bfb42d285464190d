// The operator's page: who waits, the offer, the case, the notes.
import { get, post } from "./api.js";
import { brief, card } from "./card.js";
import { by, clock, fill, h, keep, takesKeys } from "./dom.js";
import { follow, now } from "./live.js";
import * as notes from "./notes.js";
import * as passing from "./passing.js";
import { allow, hush, ring } from "./ring.js";
import { connect, disconnect, elsewhere, here, talking } from "./voice.js";

let picture = null;
let shown = 0; // the case on the page

const DOING = { away: "away", ready: "available", ringing: "an offer", talking: "talking", "wrapping up": "writing up" };

let dropped = false; // the server took us for gone, while we thought to be available

function show(next, again = false) {
  if (again && next.me.doing === "away" && picture && picture.me.doing !== "away") dropped = true;
  if (next.me.doing !== "away") dropped = false;
  picture = next;
  const { me, offer } = next;
  by("ready").setAttribute("aria-pressed", String(me.doing === "ready"));
  by("ready").disabled = me.doing === "talking" || me.doing === "ringing";
  showLine(next);
  showCase(me);
  showOffer(offer);
  notes.show(next);
  showTalk(next);
  passing.show(next);
  fill(by("colleagues"), next.colleagues.filter((one) => one.name !== me.name).map((one) => h("li", {},
    h("span", {}, h("span", { class: `dot ${one.doing.replace(" ", "-")}`, "aria-hidden": "true" }), one.name),
    h("span", { class: "soft" }, one.doing === "away" && one.reason ? one.reason : DOING[one.doing]))));
  tick();
}

function showLine({ waiting, waiting_count: count, me }) {
  by("line-count").textContent = count ? `(${count})` : "";
  by("line-empty").hidden = count > 0;
  const free = me.doing !== "talking" && me.doing !== "ringing";
  const focused = document.activeElement?.dataset?.take;
  keep(by("line"), waiting.map((row) => [
    JSON.stringify([free, row.id, row.priority, row.caller, row.arrived, row.want, row.mood, row.returned, row.queue,
      row.on_line, row.attempts, row.ringing]),
    () => waitingRow(row, free)]));
  if (focused) by("line").querySelector(`[data-take="${focused}"]`)?.focus();
}

function waitingRow(row, free) {
  return h("li", { class: `p${row.priority}`, "data-id": row.id },
    h("div", { class: "top" }, h("span", {}, row.caller || "number withheld"),
      h("span", { class: "wait", "data-since": row.arrived })),
    h("p", { class: "want", title: row.want }, row.want),
    h("div", { class: "foot" }, h("div", { class: "tags" },
      row.priority === 0 && h("span", { class: "tag urgent" }, "EMERGENCY"),
      row.mood && h("span", { class: "tag mood" }, row.mood),
      row.returned && h("span", { class: "tag urgent" }, "was cut off"),
      h("span", { class: "tag" }, row.queue),
      h("span", { class: "tag" }, row.on_line ? "on the line" : row.attempts ? `call back, ${row.attempts} tried` : "call back"),
      row.ringing.length > 0 && h("span", { class: "tag" }, `rings ${row.ringing.join(", ")}`)),
    free && h("button", { "data-take": row.id, "aria-label": `Take ${row.caller || "the withheld number"}`,
      onclick: () => act(`/handoffs/${row.id}/take`) }, "Take")));
}

function showOffer(offer) {
  const box = by("offer");
  by("case-title").hidden = by("case").hidden = Boolean(offer) && !shown; // nothing else is to be read then
  if (!offer) {
    box.hidden = true;
    delete box.dataset.id;
    hush();
    return;
  }
  if (box.dataset.id === String(offer.id)) return;
  box.dataset.id = offer.id;
  box.className = `p${offer.priority}`;
  box.hidden = false;
  fill(box,
    h("h2", { id: "offer-title" }, offer.asked_by ? `${offer.asked_by} asks you in` : offer.want || "A caller"),
    offer.asked_by && h("p", { class: "want-big" }, offer.want),
    h("p", { class: "tags" }, offer.priority === 0 && h("span", { class: "tag urgent" }, "EMERGENCY"),
      h("span", {}, offer.identity || offer.caller || "number withheld"), h("span", { class: "tag" }, offer.queue),
      offer.mood && h("span", { class: "tag mood" }, offer.mood),
      offer.priority > 0 && h("span", {}, offer.reason), h("span", {}, "waits "), h("span", { "data-since": offer.arrived })),
    h("progress", { id: "offer-left", max: Math.max(1, offer.until - now()), value: offer.until - now(), "aria-label": "Time left" }),
    h("div", { class: "buttons" },
      h("button", { class: "main", id: "accept", onclick: accept }, "Accept ", h("kbd", {}, "Enter")),
      h("button", { id: "decline", onclick: decline }, "Not now ", h("kbd", {}, "Esc"))));
  ring(`${offer.want} (${offer.queue})`);
}

async function showCase(me) {
  const active = me.doing === "talking" || me.doing === "wrapping up";
  by("talk").hidden = me.doing !== "talking";
  if (!active || !me.handoff) {
    if (shown) leave();
    return;
  }
  if (shown === me.handoff) return;
  shown = me.handoff;
  const found = await get(`/handoffs/${shown}`);
  if (!found || found.id !== shown) return;
  by("case-title").textContent = `Case ${found.id}`;
  notes.begin(found);
  fill(by("case"), h("div", { id: "live", class: "transcript", hidden: true, role: "log", "aria-label": "What is said now" }),
    h("p", { id: "written", class: "soft" }),
    card(found));
  fill(by("talk"), h("span", { class: "clock", "data-since": me.since }),
    h("button", { class: "bad", id: "end", onclick: end }, "End ", h("kbd", {}, "E")),
    h("button", { id: "leave", hidden: true, onclick: passing.leave }, "Leave ", h("kbd", {}, "L")),
    h("button", { id: "mute", "aria-pressed": "false", hidden: true, onclick: mute }, "Mute ", h("kbd", {}, "M")),
    h("button", { id: "hold", "aria-pressed": "false", hidden: true, onclick: hold }, "Hold ", h("kbd", {}, "H")),
    h("button", { id: "pass-on", hidden: true, onclick: passing.openPass }, "Pass on ", h("kbd", {}, "T")),
    h("button", { id: "keypad-open", hidden: true, onclick: passing.openKeypad }, "Keypad ", h("kbd", {}, "K")),
    picture.talk?.call_back && h("button", { id: "not-reached", onclick: () => act(`/handoffs/${shown}/not-reached`) }, "Not reached"),
    h("p", { id: "company", class: "company", role: "status" }));
  showTalk(picture);
  tick();
}

// The voice follows the state: whoever talks to a caller on the line is connected, nobody else.
function showTalk({ me, said, talk, phone }) {
  const live = me.doing === "talking" && said !== null && said !== undefined;
  if (!live) here();
  const voice = live && !phone && elsewhere() !== me.handoff; // not where a telephone or another page has it
  if (voice && talking() !== me.handoff) connect(me.handoff);
  if (!voice && talking()) disconnect();
  const seat = live ? said.seats.find((one) => one.name === me.name) : null;
  for (const [id, on] of [["mute", Boolean(seat?.muted)], ["hold", Boolean(live && said.on_hold)]]) {
    const button = by(id);
    if (!button) continue;
    button.hidden = !seat;
    button.setAttribute("aria-pressed", String(on));
  }
  showCompany(me, said, talk, phone);
  const now = by("live");
  if (!now) return;
  by("written").textContent = !live ? "" : said.written === "both"
    ? "Both sides are written down." : "Only the caller's words are written down now.";
  now.hidden = !live || said.words.length === 0;
  if (live && now.childElementCount !== said.words.length) {
    fill(now, said.words.map((one) => h("p", { class: one.who === "caller" ? "caller" : "" },
      h("span", { class: "who" }, one.who), brief(one.text))));
    now.scrollTop = now.scrollHeight;
  }
}

// Who else is in the conversation, and whom the caller is being passed on to.
function showCompany(me, said, talk, phone) {
  const box = by("company");
  if (!box) return;
  const mine = talk?.operator === me.name;
  by("end").hidden = !mine;
  by("leave").hidden = !talk?.guests.length;
  by("pass-on").hidden = !mine;
  by("keypad-open").hidden = !mine || !said;
  const others = talk ? [talk.operator, ...talk.guests].filter((name) => name !== me.name) : [];
  const told = [
    phone && (phone === "rings" ? "Your telephone rings: answer it." : "You talk over your telephone."),
    said?.whispering && "You hear what the caller wants; then you are connected.",
    said && elsewhere() === me.handoff && "Another page of yours has the voice.",
    said?.calling && `Call-back: ${said.calling} …`,
    others.length > 0 && `With you: ${others.join(", ")}.`,
    talk?.asked.length > 0 && `Rings ${talk.asked.join(", ")} …`,
    said?.passed_to && (said.passed_to.trouble
      ? `${said.passed_to.to}: ${said.passed_to.trouble}. The caller is still with you.`
      : `Calls ${said.passed_to.to} …`),
  ].filter(Boolean);
  if (box.dataset.told === told.join(" ")) return;
  box.dataset.told = told.join(" ");
  fill(box, told.join(" "), said && elsewhere() === me.handoff
    && h("button", { id: "talk-here", onclick: () => { here(); showTalk(picture); } }, "Talk here"), mine && said?.passed_to && !said.passed_to.trouble
    && h("button", { onclick: () => post(`/handoffs/${me.handoff}/take-back`) }, "Take back"));
}

function leave() {
  shown = 0;
  by("case-title").textContent = "No call";
  fill(by("case"), h("p", { class: "soft" }, "The next caller is offered here."));
}

// Times run on between two pictures.
function tick() {
  if (!picture) return;
  const at = now();
  for (const element of document.querySelectorAll("[data-since]")) {
    const waited = at - Number(element.dataset.since);
    element.textContent = clock(waited);
    if (element.classList.contains("wait")) element.classList.toggle("late", waited > 120);
  }
  const { me, offer } = picture;
  by("doing").textContent = `${DOING[me.doing]}${me.leaving ? ", then away" : ""}${me.doing === "away" && (dropped || me.reason) ? `: ${dropped ? "the connection was lost" : me.reason}` : ""}`;
  notes.tick(at);
  if (offer && by("offer-left")) by("offer-left").value = Math.max(0, offer.until - at);
}

async function act(path, body) {
  const told = await post(path, body);
  if (told && told.me) show(told);
  return told;
}

const accept = () => picture.offer && act(`/handoffs/${picture.offer.id}/accept`);
const decline = () => picture.offer && act(`/handoffs/${picture.offer.id}/decline`);
const end = () => picture.talk && (picture.talk.operator === picture.me.name
  ? act(`/handoffs/${picture.me.handoff}/end`) : passing.leave());

const toggled = (id) => by(id)?.getAttribute("aria-pressed") !== "true";
const inTalk = () => (picture?.talk && picture.said ? picture.me.handoff : 0);
const mute = () => inTalk() && post(`/handoffs/${inTalk()}/mute`, { on: toggled("mute") });
const hold = () => inTalk() && post(`/handoffs/${inTalk()}/hold`, { on: toggled("hold") });

by("headset").checked = localStorage.getItem("ivr-headset") === "yes";
by("headset").addEventListener("change", (event) => localStorage.setItem("ivr-headset", event.target.checked ? "yes" : "no"));
by("ready").addEventListener("click", () => { allow(); act("/me/ready"); });
by("away").addEventListener("change", (event) => {
  if (event.target.value) act("/me/away", { reason: event.target.value });
  event.target.value = "";
});
document.addEventListener("click", allow, { once: true });
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey) { event.preventDefault(); notes.finish(); return; }
  if (event.key === "Escape" && picture?.offer) { decline(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || takesKeys(event.target)) return;
  const onButton = event.target.closest("button, a") !== null;
  switch (event.key) {
    case "Enter": if (picture?.offer && !onButton) { event.preventDefault(); accept(); } break;
    case "r": by("ready").click(); break;
    case "a": by("away").focus(); event.preventDefault(); break;
    case "e": end(); break;
    case "m": mute(); break;
    case "h": hold(); break;
    case "t": event.preventDefault(); passing.openPass(); break; // or it would be written into the field
    case "k": event.preventDefault(); passing.openKeypad(); break;
    case "l": passing.leave(); break;
    case "n": by("notes").focus(); event.preventDefault(); break;
    case "?": by("keys").showModal(); break;
  }
});
passing.begin(notes.value);
notes.start(show);
setInterval(tick, 500);
follow(show);
