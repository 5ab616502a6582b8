/** How moments and stretches of time are written. */

import { useEffect, useState } from "react";
import { languageNow } from "../words/words";

/** "1:05", "2:03:09" since then. */
export function age(since: string | number, now = Date.now()): string {
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

/** Drawn again every second. */
export function useNow(every = 1000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
