/** A key of another system's, and when it is over. Pure. */

import type { Schemas } from "../../server/rest";

export type ApiKey = Schemas["ApiKeyView"];
export type KeyState = "live" | "expired" | "revoked";

const DAY = 86_400_000; // ms
const USUAL = 365; // days

export function stateOf({ revoked_at, expires_at }: ApiKey, now: number): KeyState {
  if (revoked_at) return "revoked";
  return Date.parse(expires_at) <= now ? "expired" : "live";
}

/** The end of a day on this clock, "2027-11-23", as the server's moment. */
export function endOf(day: string): string {
  return new Date(`${day}T23:59:59`).toISOString();
}

/** Until when a key is unless somebody says otherwise: a year from now, on this clock. */
export function usualDay(now: number): string {
  const at = new Date(now + USUAL * DAY);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
