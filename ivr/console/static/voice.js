// Talking with the caller: microphone and ear over one WebSocket, for one conversation at a time.
import { say } from "./dom.js";

const RATE = 16000;
let now = null; // { id, part, socket, context, stream }
let other = 0; // the conversation for which another page of theirs has the voice

export const talking = () => now?.id ?? 0;
export const elsewhere = () => other;
export const here = () => { other = 0; };

export async function connect(id, part = "talk") {
  if (now?.id === id && now.part === part) return;
  disconnect();
  const mine = { id, part, socket: null, context: null, stream: null };
  now = mine;
  try {
    mine.context = new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
    await mine.context.audioWorklet.addModule("/static/sound.js");
    if (part !== "listen") {
      const clean = localStorage.getItem("ivr-headset") !== "yes"; // loudspeakers need it, a headset sounds better without
      mine.stream = await navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: clean, noiseSuppression: clean, autoGainControl: clean, channelCount: 1 },
      });
    }
  } catch (error) {
    say(`The microphone cannot be used (${error.name}). The caller is heard, you are not.`);
  }
  if (now === mine) open(mine);
  else release(mine);
}

function open(mine) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/console/voice/${mine.id}?part=${mine.part}`);
  socket.binaryType = "arraybuffer";
  mine.socket = socket;
  const ear = new AudioWorkletNode(mine.context, "ivr-ear", { numberOfInputs: 0, outputChannelCount: [1] });
  ear.connect(mine.context.destination);
  socket.onmessage = ({ data }) => ear.port.postMessage(data, [data]);
  let microphone = null;
  socket.onopen = () => {
    mine.context.resume();
    if (!mine.stream) return;
    microphone = new AudioWorkletNode(mine.context, "ivr-microphone", { numberOfOutputs: 1 });
    microphone.port.onmessage = ({ data }) => socket.readyState === 1 && socket.send(data);
    mine.context.createMediaStreamSource(mine.stream).connect(microphone).connect(mine.context.destination);
  };
  socket.onclose = (event) => {
    ear.disconnect();
    microphone?.disconnect();
    if (now !== mine) return;
    if (event.code === 4409) other = mine.id;
    if (event.code >= 4400) disconnect();
    else setTimeout(() => now === mine && open(mine), 500); // the network, not us
  };
}

export function disconnect() {
  const old = now;
  now = null;
  if (old) release(old);
}

function release(old) {
  old.socket?.close();
  old.stream?.getTracks().forEach((track) => track.stop());
  old.context?.close();
}
