// One call to the desk: microphone and ear over one WebSocket, and what was said as it is said.

const RATE = 16000;
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const KEY_NAMES = { "*": "star", "#": "hash" };
const OUTCOMES = { "answered": "answered", "routed": "passed on", "handed off": "in the queue for a person", "called back": "we will call you back",
  "abandoned": "ended", "screened out": "ended by the desk", "failed": "failed" };
const by = (id) => document.getElementById(id);
let now = null; // the call in progress: { socket, context, stream, ear, microphone, began, muted, ended }
let ticking = 0;

function state(text, bad = false) {
  by("state").textContent = text;
  by("state").classList.toggle("bad", bad);
}

function clock(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
}

// Text is always text, whoever said it.
function line(kind, text, who = "") {
  const item = document.createElement("li");
  item.className = kind;
  if (who) {
    const name = document.createElement("span");
    name.className = "who";
    name.textContent = who;
    item.append(name);
  }
  item.append(text);
  by("log").append(item);
  by("log").scrollTop = by("log").scrollHeight;
  return item;
}

function show(message, call) {
  switch (message.show) {
    case "begin":
      by("name").textContent = message.desk;
      document.title = message.desk;
      state("Connected");
      break;
    case "desk":
      line("desk", message.text, "Desk");
      break;
    case "cut":
      if (message.text) line("note", "you spoke over the desk");
      break;
    case "speaking":
      state("Listening");
      break;
    case "caller":
      line("caller", message.text || "(not understood)", "You");
      state("Connected");
      break;
    case "key":
      line("note", "you pressed a key");
      break;
    case "note":
      line("note", message.text);
      break;
    case "end":
      call.ended = true;
      line("note", `The call is over: ${OUTCOMES[message.outcome] ?? message.outcome}, ${clock(message.seconds)}`);
      break;
  }
}

async function begin() {
  const call = { socket: null, context: null, stream: null, ear: null, began: performance.now(), muted: false, ended: false };
  now = call;
  by("log").replaceChildren();
  buttons();
  state("Waiting for the microphone");
  try {
    call.context = new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
    await call.context.audioWorklet.addModule("/call/sound.js");
    call.stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
    });
    await call.context.resume();
  } catch (error) {
    const denied = error.name === "NotAllowedError";
    return end(call, denied ? "The microphone was not allowed" : `The microphone cannot be used (${error.name})`, true);
  }
  if (now === call) connect(call);
  else release(call);
}

function connect(call) {
  state("Calling");
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/call/talk`);
  socket.binaryType = "arraybuffer";
  call.socket = socket;
  call.ear = new AudioWorkletNode(call.context, "ivr-ear", { numberOfInputs: 0, outputChannelCount: [1] });
  call.ear.connect(call.context.destination);
  const microphone = new AudioWorkletNode(call.context, "ivr-microphone", { numberOfOutputs: 1 });
  microphone.port.onmessage = ({ data }) => {
    const samples = new Int16Array(data);
    if (call.muted) samples.fill(0);
    let peak = 0;
    for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
    by("level").value = Math.max(peak / 32768, by("level").value * 0.85);
    if (socket.readyState === WebSocket.OPEN) socket.send(data);
  };
  socket.onopen = () => {
    call.began = performance.now();
    socket.send(JSON.stringify({ start: { called: by("number").value } }));
    call.context.createMediaStreamSource(call.stream).connect(microphone).connect(call.context.destination);
    ticking = setInterval(() => { by("time").textContent = clock((performance.now() - call.began) / 1000); }, 250);
  };
  socket.onmessage = ({ data }) => {
    if (typeof data !== "string") return call.ear.port.postMessage(data, [data]);
    const message = JSON.parse(data);
    if (message.refused) { call.ended = true; call.refused = message.refused; }
    else if (message.clear) call.ear.port.postMessage("clear");
    else show(message, call);
  };
  socket.onclose = () => {
    if (now !== call) return;
    if (call.refused) end(call, `Not answered: ${call.refused}`, true);
    else if (call.ended) setTimeout(() => now === call && end(call, "The call is over"), 600); // the last word is still in the ear
    else end(call, "The connection was lost", true);
  };
}

function end(call, text, bad = false) {
  if (now === call) now = null;
  release(call);
  clearInterval(ticking);
  by("level").value = 0;
  state(text, bad);
  buttons();
}

function release(call) {
  call.socket?.close();
  call.stream?.getTracks().forEach((track) => track.stop());
  if (call.context?.state !== "closed") call.context?.close();
}

function buttons() {
  const button = by("call");
  button.textContent = now ? "Hang up" : "Call";
  button.classList.toggle("end", now !== null);
  by("mute").disabled = now === null;
  by("mute").setAttribute("aria-pressed", String(now?.muted ?? false));
  by("number").disabled = now !== null;
}

function press(key) {
  if (now?.socket?.readyState === WebSocket.OPEN) now.socket.send(JSON.stringify({ key }));
}

by("call").onclick = () => (now ? end(now, "You hung up") : begin());
by("mute").onclick = () => {
  now.muted = !now.muted;
  buttons();
};
for (const key of KEYS) {
  const button = document.createElement("button");
  button.textContent = key;
  button.setAttribute("aria-label", `Key ${KEY_NAMES[key] ?? key}`);
  button.onclick = () => press(key);
  by("keys").append(button);
}
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target instanceof HTMLSelectElement) return;
  if (KEYS.includes(event.key)) press(event.key);
});
addEventListener("pagehide", () => now && release(now));

const numbers = await (await fetch("/call/numbers")).json();
const wanted = new URLSearchParams(location.search).get("number");
for (const number of numbers) by("number").append(new Option(number || "Any other number", number));
if (wanted !== null) {
  if (!numbers.includes(wanted)) by("number").append(new Option(wanted, wanted));
  by("number").value = wanted;
}
by("pick").hidden = by("number").length < 2;
