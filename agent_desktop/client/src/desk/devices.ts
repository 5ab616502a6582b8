/**
 * The microphones and speakers of this machine, and which of them the agent chose.
 *
 * A choice is kept in the browser. While its device is not plugged in, the system's own is used; as
 * soon as it is there again, it is used again. Event "changed" for a new list or choice.
 */

import type { Microphone } from "./microphone";

export type DeviceKind = "audioinput" | "audiooutput";

const KEPT: Record<DeviceKind, string> = { audioinput: "hotline.microphone", audiooutput: "hotline.speaker" };
const SYSTEMS_OWN = ["", "default", "communications"]; // Chromium lists them beside what they stand for

export class Devices extends EventTarget {
  #all: MediaDeviceInfo[] = [];
  readonly microphone: Microphone;
  readonly sound: HTMLAudioElement;

  /** `microphone` and `sound`, the element that plays, follow the choice. */
  constructor(microphone: Microphone, sound: HTMLAudioElement) {
    super();
    this.microphone = microphone;
    this.sound = sound;
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.read());
    microphone.use(this.chosen("audioinput"));
    microphone.addEventListener("changed", () => this.read()); // who may listen is told the names
  }

  /** Whether this browser lets a page choose where its sound goes. */
  get speakersCanBeChosen(): boolean {
    return typeof this.sound.setSinkId === "function";
  }

  /** Those of a kind, "audioinput" or "audiooutput", that can be told apart. */
  list(kind: DeviceKind): MediaDeviceInfo[] {
    return this.#all.filter((device) => device.kind === kind && !SYSTEMS_OWN.includes(device.deviceId));
  }

  /** The id of the one of a kind that is wanted; "" for the system's own. */
  chosen(kind: DeviceKind): string {
    return localStorage.getItem(KEPT[kind]) ?? "";
  }

  /** That, if it is plugged in. */
  inUse(kind: DeviceKind): string {
    const wanted = this.chosen(kind);
    return this.list(kind).some((device) => device.deviceId === wanted) ? wanted : "";
  }

  /** Rejects if the device can not be used, as when another program has it: all is as before then. */
  async choose(kind: DeviceKind, id: string): Promise<void> {
    const before = this.chosen(kind);
    keep(kind, id);
    try {
      await this.#use();
    } catch (error) {
      keep(kind, before);
      await this.read();
      throw error;
    }
  }

  /** See what is plugged in now. */
  async read(): Promise<void> {
    if (!navigator.mediaDevices?.enumerateDevices) return;
    this.#all = await navigator.mediaDevices.enumerateDevices();
    await this.#use().catch(() => {}); // what there was goes on
  }

  async #use(): Promise<void> {
    try {
      await this.microphone.use(this.inUse("audioinput"));
      const speaker = this.inUse("audiooutput");
      if (this.speakersCanBeChosen && this.sound.sinkId !== speaker) await this.sound.setSinkId(speaker);
    } finally {
      this.dispatchEvent(new Event("changed"));
    }
  }
}

function keep(kind: DeviceKind, id: string): void {
  if (id) localStorage.setItem(KEPT[kind], id);
  else localStorage.removeItem(KEPT[kind]);
}
