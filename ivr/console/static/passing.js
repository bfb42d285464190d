// Passing the caller on, bringing a colleague in, and the keypad.
import { post } from "./api.js";
import { by, fill, h, say } from "./dom.js";

let picture = null;
let notes = () => "";

const mine = () => picture?.talk && picture.talk.operator === picture.me.name;
const path = (what) => `/handoffs/${picture.me.handoff}/${what}`;

// Notes go with the caller: whoever gets them next sees what was written down.
const keepNotes = () => (mine() && notes() ? post(path("notes"), { notes: notes() }) : null);

export function begin(readNotes) {
  notes = readNotes;
  by("pass-number").addEventListener("submit", (event) => {
    event.preventDefault();
    pass({ number: by("pass-number-field").value.trim() });
  });
  fill(by("keypad-keys"), [..."123456789*0#"].map((key) => h("button", { type: "button", onclick: () => press(key) }, key)));
  by("keypad").addEventListener("keydown", (event) => {
    if ("0123456789*#".includes(event.key) && event.key.length === 1) { event.preventDefault(); press(event.key); }
  });
}

// What is shown follows the state: dialogs about a conversation end with it.
export function show(next) {
  picture = next;
  if (!mine()) for (const id of ["pass", "keypad"]) if (by(id).open) by(id).close();
  if (by("pass").open) choices();
}

export function openPass() {
  if (!mine()) return;
  by("pass-number-field").value = "";
  choices();
  by("pass").showModal();
  // No button that passes on: Enter alone passes nobody on.
  (by("pass-number").hidden ? by("pass").querySelector("form[method] button") : by("pass-number-field")).focus();
}

export function openKeypad() {
  if (!mine() || !picture.said) return;
  by("keypad-pressed").textContent = "";
  by("keypad").showModal();
}

export async function leave() {
  if (!picture?.talk?.guests.length) return;
  await keepNotes();
  await post(path("leave"));
}

let shown = "";

function choices() {
  const { me, talk, said, colleagues, everywhere } = picture;
  const free = colleagues.filter((one) => one.name !== me.name && one.doing === "ready");
  const state = JSON.stringify([free.map((one) => one.name), talk, said?.routes, everywhere, me.handoff]);
  by("pass-number").hidden = !said;
  if (state === shown && by("pass-to").childElementCount) return; // not made anew under somebody's finger
  shown = state;
  const row = (label, note, ...buttons) => h("li", { class: "row" }, h("span", { class: "grow" }, label, note && h("small", {}, ` ${note}`)), buttons);
  fill(by("pass-to"),
    h("h3", {}, "Colleagues"),
    free.length ? h("ul", {}, free.map((one) => row(one.name, "",
      h("button", { type: "button", "data-ask": one.name, onclick: () => ask(one.name, false) }, "Bring in"),
      h("button", { type: "button", "data-give": one.name, onclick: () => ask(one.name, true) }, "Hand over"))))
      : h("p", { class: "soft" }, "No colleague is free."),
    h("h3", {}, "Queues"),
    h("ul", {}, everywhere.map((queue) => row(queue.name,
      queue.closed ? "closed" : queue.at_work ? `${queue.at_work} at work` : "nobody at work",
      h("button", { type: "button", "data-queue": queue.name, onclick: () => pass({ queue: queue.name }) }, "Pass on")))),
    said?.routes.length > 0 && h("h3", {}, "Desks"),
    said?.routes.length > 0 && h("ul", {}, said.routes.map((route) => row(route.label, "",
      h("button", { type: "button", "data-route": route.name, onclick: () => pass({ route: route.name }) }, "Call")))));
}

async function pass(where) {
  await keepNotes();
  if (await post(path("pass-on"), where)) by("pass").close();
}

async function ask(colleague, handOver) {
  if (handOver) await keepNotes();
  if (await post(path("ask"), { colleague, hand_over: handOver })) {
    by("pass").close();
    say(`${colleague} is asked.`);
  }
}

let pressing = Promise.resolve();

// One after another: two requests at once could arrive in the other order.
function press(key) {
  pressing = pressing.then(async () => {
    if (await post(path("keys"), { keys: key })) by("keypad-pressed").textContent += key;
  });
}
