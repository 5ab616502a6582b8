/** What a surge is made of, and what its callers can be told. Pure. */

import type { Schemas } from "../server/rest";

export type Surge = Schemas["SurgeFound"];
export type SurgePart = Schemas["SurgePart"];

/** What callers are told unless somebody has better words: it is spoken, whatever the page's language is. */
export const USUAL_TEXTS = {
  zh: "您好，当前来电较多，等待时间可能较长，请您耐心等候，或稍后再拨。",
  en: "We are receiving more calls than usual, so your wait may be longer. Please hold, or call again later.",
};

/** Each dimension with its parts, in the server's order: what grew most is first. */
export function byDimension(parts: readonly SurgePart[]): [SurgePart["dimension"], SurgePart[]][] {
  const found = new Map<SurgePart["dimension"], SurgePart[]>();
  for (const part of parts) found.set(part.dimension, [...(found.get(part.dimension) ?? []), part]);
  return [...found];
}

/** What callers of the queue, or of our number, hear, of all that is on. */
export function isFor(
  { subject, name }: Pick<Surge, "subject" | "name">,
  broadcast: { queues: readonly string[]; numbers: readonly string[] },
): boolean {
  return (subject === "queue" ? broadcast.queues : broadcast.numbers).includes(name);
}
