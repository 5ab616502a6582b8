/**
 * What outlives a session: the microphone, the sound, and the connections of the calls; and the desk that
 * a session opens with them. A call does not end because a log-in has.
 */

import { useSyncExternalStore } from "react";
import { Stream } from "../server/stream";
import type { Snapshot } from "../server/told";
import { type Ended, end, loggedIn } from "../session/session";
import { word } from "../words/words";
import { Desk } from "./desk";
import { deskName } from "./desk_name";
import { Devices } from "./devices";
import { hear } from "./hear";
import { Microphone } from "./microphone";
import type { Say } from "./news";
import { Softphone } from "./softphone";

export const microphone = new Microphone();
export const sound = document.getElementById("voice") as HTMLAudioElement;
export const devices = new Devices(microphone, sound);
const softphone = new Softphone(microphone, sound);

declare global {
  /** The last one, for who looks into the page. */
  var desk: Desk;
}

const AT_WORK = ["ready", "ringing", "talking", "wrap_up"];

const lineDown: Say = () => word("lineDown");

let present: Desk | null = null;
let trouble: Say | null = null;
const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

const AT_MOST = 100; // ms to the next frame: in a page that nobody sees none is drawn

let due = false;

/** Once a frame: the server tells of one call in several messages, and each would draw the desk anew. */
function tellSoon(): void {
  if (due) return;
  due = true;
  const now = () => {
    if (!due) return;
    due = false;
    tell();
  };
  requestAnimationFrame(now);
  setTimeout(now, AT_MOST);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Begin with this session; what comes back ends it again. */
export function openDesk(): () => void {
  const life = new AbortController();
  void deskName().then((name) => {
    if (life.signal.aborted) return;
    const stream = new Stream({ desk: name });
    const { signal } = life;
    hear(stream, "up", () => withdrawTrouble(lineDown), signal); // before the desk has something to say
    const opened = new Desk(stream, microphone, softphone);
    hear(opened, "changed", tellSoon, signal);
    hear<Say>(opened, "trouble", showTrouble, signal);
    hear(stream, "down", () => showTrouble(lineDown), signal);
    hear<Snapshot>(stream, "up", ({ phone }) => void (phone && microphone.open()), signal);
    hear<Ended>(stream, "over", (why) => leave(why), signal);
    life.signal.addEventListener("abort", () => stream.close());
    stream.open();
    present = opened;
    globalThis.desk = opened;
    tell();
  });
  return () => {
    life.abort();
    if (!loggedIn() && !present?.calls.size) putDown(); // nobody is there, and no call goes on without a session
    present?.close();
    present = null;
    tell();
  };
}

function leave(why: Ended): void {
  if (why !== "expired") putDown();
  end(why);
}

/** No sound any more, and nobody listens. */
export function putDown(): void {
  softphone.keep([]);
  microphone.close();
}

/** Whether somebody is expected to be there, though they touch nothing: a call may come. */
export function atWork(): boolean {
  return AT_WORK.includes(present?.agent?.state ?? "");
}

/** The desk as it is now; null before there is one. */
export function useDesk(): Desk | null {
  useSyncExternalStore(subscribe, () => (present ? present.version : -1));
  return present;
}

export function useTrouble(): Say | null {
  return useSyncExternalStore(subscribe, () => trouble);
}

/** Words in whatever language the page has then; null: nothing to tell. */
export function showTrouble(say: Say | null): void {
  trouble = say;
  tell();
}

/** What was shown is over; what another has shown since stays. */
export function withdrawTrouble(say: Say | null): void {
  if (say && trouble === say) showTrouble(null);
}

/** Drawn again when it changes: the microphone's state, the devices that there are. */
export function useEquipment(): { microphone: Microphone; devices: Devices } {
  useSyncExternalStore(equipmentChanges, () => equipmentVersion);
  return { microphone, devices };
}

let equipmentVersion = 0;

function equipmentChanges(listener: () => void): () => void {
  const life = new AbortController();
  const changed = () => {
    equipmentVersion += 1;
    listener();
  };
  hear(microphone, "changed", changed, life.signal);
  hear(devices, "changed", changed, life.signal);
  return () => life.abort();
}
