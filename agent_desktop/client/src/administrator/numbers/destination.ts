/** Where a number leads, as it is edited. Pure. */

import type { Schemas } from "../../server/rest";

export type NumberSettings = Schemas["NumberSettings"];
export type Rule = Schemas["RuleSettings"];
export type Destination = Pick<NumberSettings, "flow" | "queue" | "language" | "fax">;
export const KINDS = ["flow", "queue", "fax"] as const;
export type DestinationKind = (typeof KINDS)[number];

export const WITHHELD = "withheld";

/** A language belongs to a queue; a flow begins in its own, and a fax machine speaks none. */
export function to(kind: DestinationKind, name: string, language?: string | null): Destination {
  if (kind === "flow") return { flow: name };
  return kind === "fax" ? { queue: name, fax: true } : { queue: name, language: language || null };
}

export function kindOf({ queue, fax }: { queue?: string | null; fax?: boolean }): DestinationKind {
  if (!queue) return "flow";
  return fax ? "fax" : "queue";
}

/** As it is sent: nothing that is empty. */
export function sent(settings: NumberSettings): NumberSettings {
  return { ...withoutEmpty(settings), when: (settings.when ?? []).map(withoutEmpty) };
}

function withoutEmpty<T extends object>(of: T): T {
  return Object.fromEntries(
    Object.entries(of).filter(([, value]) => value !== null && value !== "" && value !== false),
  ) as T;
}
