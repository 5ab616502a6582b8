/**
 * The microphone, opened once for the whole session, and how it is.
 *
 * Event "changed" whenever `state` is another one: "unasked", "live", "denied", "missing", "ended"
 * (unplugged) or "muted" (by the system).
 */

const WANTED = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };

export class Microphone extends EventTarget {
  #context = null;
  #analyser = null;
  #samples = new Float32Array(512);
  #opening = null;

  constructor() {
    super();
    this.state = "unasked";
    this.stream = null;
    navigator.mediaDevices?.addEventListener?.("devicechange", () => {
      if (this.state === "ended" || this.state === "missing") this.open();
    });
  }

  get track() {
    return this.state === "live" || this.state === "muted" ? this.stream.getAudioTracks()[0] : null;
  }

  /** Ask for it, if need be. Never rejects: `state` tells. */
  open() {
    if (this.track) return Promise.resolve();
    this.#opening ??= this.#open().finally(() => (this.#opening = null));
    return this.#opening;
  }

  async #open() {
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: WANTED });
    } catch (error) {
      this.#be(error.name === "NotFoundError" || error.name === "NotReadableError" ? "missing" : "denied");
      return;
    }
    const track = this.stream.getAudioTracks()[0];
    track.onended = () => this.#be("ended");
    track.onmute = () => this.#be("muted");
    track.onunmute = () => this.#be("live");
    this.#listen();
    this.#be(track.muted ? "muted" : "live");
  }

  /** Give it back: the browser shows that nobody listens any more. */
  close() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.#be("unasked");
  }

  /** A track on which nothing is heard. */
  silence() {
    const nothing = new ConstantSourceNode(this.#context, { offset: 0 });
    const out = this.#context.createMediaStreamDestination();
    nothing.connect(out); // without a source that runs no frames would come at all
    nothing.start();
    return out.stream.getAudioTracks()[0];
  }

  /** How loud it is now, 0 to 1. */
  level() {
    if (!this.#analyser || !this.track) return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    return Math.min(1, 3 * Math.sqrt(sum / this.#samples.length));
  }

  #listen() {
    this.#context ??= new AudioContext();
    this.#context.resume();
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = 512;
    this.#context.createMediaStreamSource(this.stream).connect(this.#analyser);
  }

  #be(state) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new Event("changed"));
  }
}
