// The picture that the server sends whenever something changes; a beat tells the server that we are still here.
import { post } from "./api.js";
import { by, fill, h } from "./dom.js";

let skew = 0;

// The server's time, in seconds.
export const now = () => Date.now() / 1000 + skew;

// In the navigation of every page: how many follow-ups are open, in red when some are overdue.
function count({ open, overdue }) {
  const badge = by("follow-ups-count");
  badge.hidden = !open;
  badge.classList.toggle("overdue", overdue > 0);
  badge.textContent = overdue ? `${open}, ${overdue} overdue` : String(open);
}

let alarms = "";

// What a dispatch centre was to be told and was not: on every page, until it knows.
function alarm(found) {
  const told = JSON.stringify(found);
  if (told === alarms) return;
  alarms = told;
  by("alarms").hidden = !found.length;
  fill(by("alarms"), found.map((one) => h("p", {},
    h("b", {}, `Dispatch not delivered to ${one.target}: `), `case ${one.handoff}, ${one.want} `,
    h("span", {}, `(${one.attempts} ${one.attempts === 1 ? "attempt" : "attempts"}, ${one.given_up ? "given up" : "still trying"}: ${one.trouble})`), " ",
    h("button", { onclick: () => post("/dispatches/told", { target: one.target, handoff: one.handoff }) }, "They were told by telephone"))));
}

// `show` gets the picture, and whether the connection was lost before it.
export function follow(show) {
  let wait = 500;
  let beating = 0;
  function connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/console/live`);
    socket.onmessage = (event) => {
      const picture = JSON.parse(event.data);
      const again = !by("lost").hidden;
      wait = 500;
      by("lost").hidden = true;
      skew = picture.now - Date.now() / 1000;
      if (!beating) beating = setInterval(() => socket.readyState === 1 && socket.send("."), picture.beat * 1000);
      count(picture.follow_ups);
      alarm(picture.alarms);
      show(picture, again);
    };
    socket.onclose = (event) => {
      clearInterval(beating);
      beating = 0;
      if (event.code === 4401) {
        location.assign("/console/login");
        return;
      }
      by("lost").hidden = false;
      setTimeout(connect, wait);
      wait = Math.min(wait * 2, 5000);
    };
  }
  connect();
}
