/** How the server's parts are doing: in which order they are told, and with which words. */

import type { Kind } from "../../parts/Card";
import type { Schemas } from "../../server/rest";

export type PartHealth = Schemas["PartHealth"];
type State = PartHealth["state"];

export const LOOKS: Record<State, Kind> = { ok: "good", warn: "warn", bad: "bad" };
const ORDER: readonly State[] = ["bad", "warn", "ok"];

/** Those that want somebody first; else as the server has them. */
export function worstFirst(parts: readonly PartHealth[]): PartHealth[] {
  return [...parts].sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state));
}

/** The word for this reason in this part, or for the reason in any. */
export function told(
  named: (kind: string, name: string) => string,
  kind: "healthReason" | "healthAdvice",
  { part, reason }: PartHealth,
): string {
  const place = `${part}.${reason}`;
  const own = named(kind, place);
  if (own !== place) return own;
  const any = named(kind, reason);
  return any === reason && kind === "healthAdvice" ? "" : any;
}

export interface Figure {
  /** What is counted; of a disk, which one stands before it. */
  name: string;
  of: string;
  value: number;
  unit: "count" | "bytes" | "seconds" | "days";
}

/** A figure's unit is what its name ends in. */
export function figureOf(name: string, value: number): Figure {
  if (name.endsWith("_free_bytes"))
    return { name: "free_bytes", of: name.slice(0, -"_free_bytes".length), value, unit: "bytes" };
  if (name.endsWith("_seconds")) return { name, of: "", value, unit: "seconds" };
  if (name.startsWith("days_")) return { name, of: "", value, unit: "days" };
  return { name, of: "", value, unit: "count" };
}
