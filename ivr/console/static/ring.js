// An offer is heard: two short tones, again and again, made here.
let context = null;
let timer = 0;

function beep() {
  if (context === null) return;
  for (const [start, pitch] of [[0, 660], [0.18, 880]]) {
    const tone = context.createOscillator(), volume = context.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0, context.currentTime + start);
    volume.gain.linearRampToValueAtTime(0.2, context.currentTime + start + 0.02);
    volume.gain.linearRampToValueAtTime(0, context.currentTime + start + 0.16);
    tone.connect(volume).connect(context.destination);
    tone.start(context.currentTime + start);
    tone.stop(context.currentTime + start + 0.17);
  }
}

// Browsers allow sound only after somebody has pressed something.
export function allow() {
  if (context === null) context = new AudioContext();
  if ("Notification" in window && Notification.permission === "default") Notification.requestPermission();
}

export function ring(text) {
  if (timer) return;
  beep();
  timer = setInterval(beep, 1500);
  if ("Notification" in window && Notification.permission === "granted" && document.hidden) {
    const note = new Notification("A caller waits for you", { body: text, tag: "ivr-offer" });
    note.onclick = () => { window.focus(); note.close(); };
  }
}

export function hush() {
  clearInterval(timer);
  timer = 0;
}
