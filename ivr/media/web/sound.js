// Runs beside the page, where sound must never wait: the microphone in pieces of 20 ms, and what is to be heard.

const FRAME = 320; // 20 ms at 16,000 samples a second
const CUSHION = 2 * FRAME; // waits before the first sound is played, and again after it ran out
const MOST = 20 * FRAME; // beyond it the oldest is dropped: a call is no recording
const SPARE = 2 * FRAME; // may wait beyond the cushion; more, for half a second, and a frame is left out
const LOOK = 0.5;

class Microphone extends AudioWorkletProcessor {
  constructor() {
    super();
    this.frame = new Int16Array(FRAME);
    this.filled = 0;
  }

  process([input]) {
    const samples = input[0];
    if (!samples) return true;
    for (const sample of samples) {
      this.frame[this.filled++] = Math.max(-1, Math.min(1, sample)) * 32767;
      if (this.filled === FRAME) {
        this.port.postMessage(this.frame.buffer.slice(0));
        this.filled = 0;
      }
    }
    return true;
  }
}

class Ear extends AudioWorkletProcessor {
  constructor() {
    super();
    this.waiting = [];
    this.count = 0;
    this.at = 0;
    this.filling = true;
    this.least = MOST;
    this.looked = currentTime;
    this.port.onmessage = ({ data }) => {
      if (data === "clear") {
        this.waiting = [];
        this.count = this.at = 0;
        this.filling = true;
        return;
      }
      this.waiting.push(new Int16Array(data));
      this.count += data.byteLength / 2;
      while (this.count > MOST) this.drop();
    };
  }

  drop() {
    this.count -= this.waiting[0].length - this.at;
    this.waiting.shift();
    this.at = 0;
  }

  // What piled up while the page stood still would be a delay for the rest of the call: the softest frame goes.
  thinOut() {
    this.least = Math.min(this.least, this.count);
    if (currentTime - this.looked < LOOK) return;
    if (this.least > CUSHION + SPARE && this.waiting.length > 2) {
      const loudness = (frame) => frame.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      const rest = this.waiting.slice(1).map(loudness);
      const [gone] = this.waiting.splice(1 + rest.indexOf(Math.min(...rest)), 1);
      this.count -= gone.length;
    }
    this.least = MOST;
    this.looked = currentTime;
  }

  process(_, [output]) {
    const samples = output[0];
    this.thinOut();
    if (this.filling && this.count < CUSHION) return true;
    this.filling = false;
    for (let n = 0; n < samples.length; n++) {
      if (!this.waiting.length) {
        this.filling = true;
        break;
      }
      samples[n] = this.waiting[0][this.at++] / 32768;
      this.count--;
      if (this.at === this.waiting[0].length) {
        this.waiting.shift();
        this.at = 0;
      }
    }
    return true;
  }
}

registerProcessor("ivr-microphone", Microphone);
registerProcessor("ivr-ear", Ear);
