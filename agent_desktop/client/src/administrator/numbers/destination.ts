/** Where a number leads, as it is edited. Pure. */

import type { Schemas } from "../../server/rest";

export type NumberSettings = Schemas["NumberSettings"];
export type Rule = Schemas["RuleSettings"];
export type Destination = Pick<NumberSettings, "flow" | "queue" | "language">;

export const WITHHELD = "withheld";

/** A language belongs to a queue; a flow begins in its own. */
export function to(kind: "flow" | "queue", name: string, language?: string | null): Destination {
  return kind === "flow" ? { flow: name } : { queue: name, language: language || null };
}

/** As it is sent: nothing that is empty. */
export function sent(settings: NumberSettings): NumberSettings {
  return { ...withoutEmpty(settings), when: (settings.when ?? []).map(withoutEmpty) };
}

function withoutEmpty<T extends object>(of: T): T {
  return Object.fromEntries(Object.entries(of).filter(([, value]) => value !== null && value !== "")) as T;
}
