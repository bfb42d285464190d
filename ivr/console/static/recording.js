// A recording: its waveform, the caller above and the desk below, to click in; and the usual player.
import { clock, h } from "./dom.js";

export async function recordings(id) {
  const answer = await fetch(`/api/v1/handoffs/${id}/recordings`).catch(() => null);
  const found = answer?.ok ? await answer.json() : [];
  if (!found.length) return [h("p", { class: "soft" }, "There is no recording of this call.")];
  return Promise.all(found.map(async (n) => [n > 0 && h("h3", {}, `Call-back ${n}`), await recording(id, n)].filter(Boolean)));
}

async function recording(id, callBack) {
  const answer = await fetch(`/api/v1/handoffs/${id}/waveform?call_back=${callBack}`).catch(() => null);
  if (!answer || !answer.ok) return h("p", { class: "soft" }, "The recording cannot be read.");
  const wave = await answer.json();
  const audio = h("audio", { controls: true, preload: "none", src: `/api/v1/handoffs/${id}/recording?call_back=${callBack}` });
  const canvas = h("canvas", { class: "wave", width: 800, height: 168, tabindex: 0, role: "slider",
    "aria-label": "Place in the recording", "aria-valuemin": 0, "aria-valuemax": Math.round(wave.seconds), "aria-valuenow": 0 });
  const go = (seconds) => {
    audio.currentTime = Math.max(0, Math.min(wave.seconds, seconds));
    audio.play();
  };
  canvas.addEventListener("click", (event) => go((event.offsetX / canvas.clientWidth) * wave.seconds));
  canvas.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight") go(audio.currentTime + 5);
    if (event.key === "ArrowLeft") go(audio.currentTime - 5);
    if (event.key === " ") { event.preventDefault(); if (audio.paused) audio.play(); else audio.pause(); }
  });
  const paint = () => draw(canvas, wave, audio.currentTime);
  audio.addEventListener("timeupdate", paint);
  requestAnimationFrame(paint);
  return h("div", {}, canvas, h("p", { class: "soft" }, `${clock(wave.seconds)}, caller above, desk and operator below`), audio);
}

function draw(canvas, wave, at) {
  const style = getComputedStyle(document.documentElement);
  const context = canvas.getContext("2d"), { width, height } = canvas, middle = height / 2;
  context.clearRect(0, 0, width, height);
  const played = (at / Math.max(0.01, wave.seconds)) * width;
  for (const [side, up] of [["caller", -1], ["desk", 1]]) {
    const step = width / wave[side].length;
    wave[side].forEach((peak, n) => {
      context.fillStyle = style.getPropertyValue(n * step < played ? "--accent" : "--soft");
      const tall = Math.max(1, Math.sqrt(peak) * (middle - 4));
      context.fillRect(n * step, up < 0 ? middle - tall : middle, Math.max(1, step - 0.5), tall);
    });
  }
  canvas.setAttribute("aria-valuenow", Math.round(at));
}
