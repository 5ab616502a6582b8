/** How moments and stretches of time are written. */

import { useSyncExternalStore } from "react";
import { serverNow } from "../server/clock";
import { languageNow } from "../words/words";

/** "1:05", "2:03:09" since then, by the server's clock. */
export function age(since: string | number, now = serverNow()): string {
  return length((now - (typeof since === "number" ? since : Date.parse(since))) / 1000);
}

/** Seconds as "1:05" or "2:03:09". */
export function length(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (number: number) => String(number).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  return `${hours ? `${hours}:` : ""}${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

export function moment(at: string | null | undefined): string {
  if (!at) return "";
  const style = { dateStyle: "medium", timeStyle: "short" } as const;
  return new Intl.DateTimeFormat(languageNow() === "zh" ? "zh-CN" : "en-GB", style).format(new Date(at));
}

const SECOND = 1000; // ms

let now = serverNow();
let timer: ReturnType<typeof setInterval> | undefined;
const watchers = new Set<() => void>();

/** One clock for the whole page: a table of three hundred ages has one timer, and moves at once. */
function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  if (watchers.size === 1) now = serverNow();
  timer ??= setInterval(() => {
    now = serverNow();
    for (const one of watchers) one();
  }, SECOND);
  return () => {
    watchers.delete(watcher);
    if (watchers.size) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The server's time, drawn again every second. */
export function useNow(): number {
  return useSyncExternalStore(watch, () => now);
}
