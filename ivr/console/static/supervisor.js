// The supervisor's page: all queues and operators, and who waits, to move them.
import { post } from "./api.js";
import { by, clock, fill, h, percent, say } from "./dom.js";
import { follow, now } from "./live.js";
import { connect, disconnect, talking } from "./voice.js";

let rows = "";

let last = "";

function show(picture) {
  if (talking() && !picture.talks.some((one) => one.id === talking())) disconnect();
  fill(by("queues"), picture.queues.map((queue) => h("tr", {},
    h("th", { scope: "row" }, queue.name, queue.closed && " (closed)"),
    h("td", { class: "n big" }, String(queue.waiting)),
    h("td", { class: "n", "data-since": queue.oldest }, queue.oldest ? "" : "–"),
    h("td", { class: "n" }, String(queue.talking)), h("td", { class: "n" }, String(queue.at_work)),
    h("td", { class: "n" }, String(queue.entered)), h("td", { class: "n" }, String(queue.answered)),
    h("td", { class: `n ${queue.abandoned ? "late" : ""}` }, String(queue.abandoned)),
    h("td", { class: "n" }, queue.mean_wait === null ? "–" : clock(queue.mean_wait)),
    h("td", { class: "n" }, clock(queue.longest)),
    h("td", { class: `n big ${queue.service_level === null ? "" : queue.service_level >= queue.target ? "good" : "late"}`,
      title: `${percent(queue.target)} within ${queue.target_wait} s are aimed at` }, percent(queue.service_level)))));
  // Buttons are not made anew under somebody's finger: only when something has changed.
  const people = JSON.stringify([picture.colleagues, picture.talks, talking()]);
  if (people !== last) fill(by("people"), picture.colleagues.map((one) => h("tr", {},
    h("th", { scope: "row" }, h("span", { class: `dot ${one.doing.replace(" ", "-")}`, "aria-hidden": "true" }), one.name),
    h("td", {}, one.doing === "away" && one.reason ? `away: ${one.reason}` : one.doing),
    h("td", { class: "n", "data-since": one.since }), h("td", { class: "n" }, String(one.calls)),
    h("td", {}, talk(picture, one)))));
  last = people;
  by("line-count").textContent = picture.waiting_count ? `(${picture.waiting_count})` : "";
  showWaiting(picture);
  tick();
}

function talk(picture, one) {
  const found = picture.talks.find((other) => other.id === one.handoff);
  if (!found) return "";
  const parts = [["listen", "Listen in"], ["whisper", "Whisper"], ["talk", "Join"]];
  return [`${found.caller || "withheld"}: ${found.want}`, h("div", { class: "actions" }, talking() === found.id
    ? h("button", { class: "bad", onclick: () => { disconnect(); show(picture); } }, "Leave")
    : [parts.map(([part, name]) => h("button", { onclick: () => { connect(found.id, part); show(picture); } }, name)),
      found.operator !== picture.me.name && h("button", { onclick: () => takeOver(found.id) }, "Take over")])];
}

// The conversation goes on at one's own page for calls.
async function takeOver(id) {
  if (await post(`/handoffs/${id}/take-over`)) location.assign("/console");
}

// The rows hold fields: they are made anew only when the line has changed, not under somebody's fingers.
function showWaiting(picture) {
  const next = JSON.stringify([picture.everywhere.map((one) => one.name)].concat(picture.waiting.map((row) => [row.id, row.queue, row.priority, row.on_line, row.want])));
  if (next === rows || by("waiting").contains(document.activeElement)) return;
  rows = next;
  fill(by("waiting"), picture.waiting.map((row) => {
    const names = [...new Set([row.queue, ...picture.everywhere.map((one) => one.name)])];
    const queue = h("select", { "aria-label": `Queue of case ${row.id}` }, names.map((name) => h("option", { selected: name === row.queue }, name)));
    const priority = h("input", { class: "prio", type: "number", min: 0, max: 9, value: row.priority, "aria-label": `Priority of case ${row.id}` });
    return h("tr", { class: `p${row.priority}` },
      h("td", {}, row.caller || "withheld", h("br"), h("small", {}, row.on_line ? "on the line" : "call back")),
      h("td", { class: "want" }, row.want), h("td", { class: "n", "data-since": row.arrived }),
      h("td", {}, h("form", { onsubmit: (event) => move(event, row.id, queue, priority) }, queue, priority, h("button", {}, "Move"))));
  }));
}

async function move(event, id, queue, priority) {
  event.preventDefault();
  document.activeElement.blur();
  rows = "";
  if (await post(`/handoffs/${id}/move`, { queue: queue.value, priority: Number(priority.value) })) say("Moved.");
}

function tick() {
  for (const element of document.querySelectorAll("[data-since]")) element.textContent = clock(now() - Number(element.dataset.since));
}

setInterval(tick, 500);
follow(show);
