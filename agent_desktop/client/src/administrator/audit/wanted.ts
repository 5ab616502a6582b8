/** What is looked for in the trail. */

import type { paths } from "../../generated/rest";
import type { Schemas } from "../../server/rest";

export type Entry = Schemas["AuditEntryView"];
export type Wanted = Omit<
  NonNullable<paths["/api/v1/audit"]["get"]["parameters"]["query"]>,
  "limit" | "after"
>;

const NAMES = ["actor", "action", "record", "record_id", "since", "until"] as const;
const MOMENTS: readonly string[] = ["since", "until"];

/** Of what was typed, what is not empty; moments are this browser's, and told with their zone. */
export function wantedOf(typed: FormData): Wanted {
  const wanted: Wanted = {};
  for (const name of NAMES) {
    const value = String(typed.get(name) ?? "").trim();
    if (value) wanted[name] = MOMENTS.includes(name) ? new Date(value).toISOString() : value;
  }
  return wanted;
}

/** What the entries that are shown have there, each once: to choose from. */
export function seen(entries: readonly Entry[], name: "actor" | "action" | "record"): string[] {
  return [...new Set(entries.map((entry) => entry[name]))].filter(Boolean).sort();
}

/** What is kept with an entry, a line for each: `fields`: "labels, level". */
export function linesOf(details: Entry["details"]): [string, string][] {
  return Object.entries(details).map(([name, value]) => [name, written(value)]);
}

function written(value: unknown): string {
  if (value === null || value === undefined) return "—";
  if (Array.isArray(value)) return value.map(written).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
