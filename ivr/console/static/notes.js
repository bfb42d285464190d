// The notes of a call and what came of it. They are kept while they are written: time that runs out, or the next
// caller, takes nothing away, and what is not written up yet waits in a list.
import { get, post } from "./api.js";
import { by, clock, h, keep, say } from "./dom.js";

const PAUSE = 800; // ms without a key, after which notes are kept

let picture = null;
let done = () => {};
let writing = 0; // the case that the form is about
let mine = false;
let waiting = 0;
let known = ""; // the notes as the server had them; where the form says the same, another page may know better

export const value = () => by("notes").value;

// Which case is written about; `found` is all that is known of it.
export function begin(found) {
  if (found.id === writing) return;
  flush();
  writing = found.id;
  mine = found.operator === picture.me.name;
  by("notes").value = known = found.notes;
  by("disposition").value = "";
  title();
  show(picture); // it is no longer one of those that wait to be written up, but the one before may be
}

// The form follows the state: it stays with its case until that is written up, by whomever.
export function show(next) {
  picture = next;
  const open = next.to_write_up.map((one) => one.id);
  const now = ["talking", "wrapping up"].includes(next.me.doing) ? next.me.handoff : null;
  if (writing && writing !== now && !open.includes(writing)) clear();
  by("finish").disabled = !writing;
  const others = next.to_write_up.filter((one) => one.id !== writing);
  by("unwritten").hidden = others.length === 0;
  keep(by("to-write-up"), others.map((one) => [JSON.stringify([one.id, one.want, Boolean(now)]), () => h("li", {},
    h("button", { type: "button", "data-write": one.id, disabled: Boolean(now), onclick: () => open_(one.id) },
      `Case ${one.id}: ${one.want || one.caller || "not known"}`))]));
}

// How long the operator has for it, from the state.
export function tick(at) {
  const { me } = picture;
  by("wrap").textContent = me.doing === "wrapping up" && me.until ? `The next call may come in ${clock(me.until - at)}.` : "";
}

export async function finish() {
  const disposition = by("disposition").value;
  if (by("finish").disabled) return;
  if (!disposition) {
    say("Choose what came of it first.");
    by("disposition").focus();
    return;
  }
  clearTimeout(waiting);
  waiting = 0;
  await renew();
  const told = await post(`/handoffs/${writing}/write-up`, { disposition, notes: value() });
  if (!told) return;
  clear();
  if (told.me) done(told);
  say("Kept.");
}

// What another page of the same operator has written, where nothing was written here.
async function renew() {
  const id = writing;
  if (!id || value() !== known) return;
  const found = await get(`/handoffs/${id}`);
  if (found && id === writing && value() === known) by("notes").value = known = found.notes;
}

async function open_(id) {
  const found = await get(`/handoffs/${id}`);
  if (!found) return;
  begin(found);
  by("disposition").focus();
}

function title() {
  by("notes-of").textContent = writing ? `of case ${writing}` : "";
}

function clear() {
  clearTimeout(waiting);
  waiting = 0;
  writing = 0;
  by("notes").value = known = "";
  by("disposition").value = "";
  by("finish").disabled = true;
  title();
}

function flush() {
  if (!waiting) return;
  clearTimeout(waiting);
  waiting = 0;
  if (!writing || !mine) return;
  known = value();
  post(`/handoffs/${writing}/notes`, { notes: known });
}

export function start(whenDone) {
  done = whenDone;
  by("notes").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(flush, PAUSE);
  });
  by("notes").addEventListener("change", flush);
  window.addEventListener("pagehide", flush);
  window.addEventListener("focus", renew);
  by("write-up").addEventListener("submit", (event) => { event.preventDefault(); finish(); });
}
