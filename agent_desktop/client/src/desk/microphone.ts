/**
 * The microphone, opened once for the whole session, and how it is.
 *
 * Event "changed" whenever `state` or `track` is another one. States: "unasked", "live", "denied",
 * "missing", "ended" (unplugged) or "muted" (by the system).
 */

import type { Health } from "../server/told";

const WANTED = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
const NOT_THERE = ["NotFoundError", "NotReadableError", "OverconstrainedError"];

type MicrophoneState = Health["microphone"];

export class Microphone extends EventTarget {
  state: MicrophoneState = "unasked";
  stream: MediaStream | null = null;
  #context: AudioContext | null = null;
  #source: MediaStreamAudioSourceNode | null = null;
  #analyser: AnalyserNode | null = null;
  #samples = new Float32Array(512);
  #opening: Promise<void> | null = null;
  #life = 0; // another after each close: what was asked for before does not count any more
  #wanted = ""; // the device's id, "" for the system's own
  #used = "";
  #permission: PermissionStatus | null = null; // null in browsers that do not tell
  #allowed = false; // for good, and not just for this page's life

  constructor() {
    super();
    navigator.mediaDevices?.addEventListener?.("devicechange", () => {
      if (this.state === "ended" || this.state === "missing") this.open();
    });
    this.#watchPermission();
  }

  get track(): MediaStreamTrack | null {
    const there = this.state === "live" || this.state === "muted";
    return (there && this.stream?.getAudioTracks()[0]) || null;
  }

  /** Ask for it, if need be. Never rejects: `state` tells. */
  open(): Promise<void> {
    if (this.track) return Promise.resolve();
    const life = this.#life;
    this.#opening ??= this.#once(
      this.#open(this.#wanted).catch((error) => {
        if (life === this.#life) this.#be(NOT_THERE.includes(error.name) ? "missing" : "denied");
      }),
    );
    return this.#opening;
  }

  /** This device from now on, "" for the system's own. Rejects if it is there and can not be had. */
  async use(id: string): Promise<void> {
    this.#wanted = id;
    await this.#opening;
    if (!this.track || this.#used === this.#wanted) return;
    this.#opening ??= this.#once(this.#open(this.#wanted));
    await this.#opening;
  }

  /** This is what is under way, until it is over. */
  #once(work: Promise<void>): Promise<void> {
    const opening: Promise<void> = work.finally(() => {
      if (this.#opening === opening) this.#opening = null;
    });
    return opening;
  }

  async #open(device: string): Promise<void> {
    const before = this.stream;
    const life = this.#life;
    const [stream, used] = await asked(device);
    if (life !== this.#life) {
      for (const track of stream.getTracks()) track.stop(); // closed while the browser asked
      return;
    }
    for (const track of before?.getTracks() ?? []) track.stop();
    this.stream = stream;
    this.#used = used;
    this.#allowed = this.#permission?.state === "granted";
    const track = stream.getAudioTracks()[0]!;
    const ours = () => this.stream === stream;
    track.onended = () => ours() && this.#taken();
    track.onmute = () => ours() && this.#be("muted");
    track.onunmute = () => ours() && this.#be("live");
    this.#listen();
    this.state = track.muted ? "muted" : "live";
    this.dispatchEvent(new Event("changed"));
  }

  /** Give it back: the browser shows that nobody listens any more. */
  close(): void {
    this.#life += 1;
    this.#opening = null;
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.#be("unasked");
  }

  /** A track on which nothing is heard. */
  silence(): MediaStreamTrack {
    this.#context ??= new AudioContext();
    const nothing = new ConstantSourceNode(this.#context, { offset: 0 });
    const out = this.#context.createMediaStreamDestination();
    nothing.connect(out); // without a source that runs no frames would come at all
    nothing.start();
    return out.stream.getAudioTracks()[0]!;
  }

  /** How loud it is now, 0 to 1. */
  level(): number {
    if (!this.#analyser || !this.track) return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    return Math.min(1, 3 * Math.sqrt(sum / this.#samples.length));
  }

  #listen(): void {
    this.#context ??= new AudioContext();
    this.#context.resume();
    this.#source?.disconnect();
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = 512;
    this.#source = this.#context.createMediaStreamSource(this.stream!);
    this.#source.connect(this.#analyser);
  }

  get #refused(): boolean {
    return this.#allowed && this.#permission?.state !== "granted";
  }

  /** The device was unplugged, or the agent does not let us listen any more. */
  #taken(): void {
    this.#be(this.#refused ? "denied" : "ended");
  }

  /** Whoever takes the permission back and gives it again need not come here and press a button. */
  async #watchPermission(): Promise<void> {
    this.#permission =
      (await navigator.permissions?.query({ name: "microphone" as PermissionName }).catch(() => null)) ??
      null;
    this.#permission?.addEventListener("change", () => {
      if (this.state === "ended" && this.#refused) this.#be("denied");
      if (this.state === "denied" && this.#permission?.state === "granted") this.open();
    });
  }

  #be(state: MicrophoneState): void {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new Event("changed"));
  }
}

/** The stream of a device, and whose it is: the system's own where that one is not there. */
async function asked(device: string): Promise<[MediaStream, string]> {
  if (device) {
    try {
      const audio = { ...WANTED, deviceId: { exact: device } };
      return [await navigator.mediaDevices.getUserMedia({ audio }), device];
    } catch (error) {
      const { name } = error as DOMException;
      if (name !== "OverconstrainedError" && name !== "NotFoundError") throw error;
    }
  }
  return [await navigator.mediaDevices.getUserMedia({ audio: WANTED }), ""];
}
