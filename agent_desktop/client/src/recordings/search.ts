/** What is looked for among the recordings, and how it is kept while this tab is open. */

import type { operations } from "../generated/rest";

type Query = NonNullable<operations["recording_search.search_recordings"]["parameters"]["query"]>;

export type Wanted = Pick<
  Query,
  "number" | "agent_id" | "queue" | "since" | "before" | "shortest" | "longest" | "notes"
>;

const NUMBERS = ["shortest", "longest"] as const;
const MOMENTS = ["since", "before"] as const;
const TEXTS = ["number", "agent_id", "queue", "notes"] as const;

let kept: Wanted = {};

export function keptSearch(): Wanted {
  return kept;
}

export function keepSearch(wanted: Wanted): Wanted {
  kept = wanted;
  return wanted;
}

export function forgetSearch(): void {
  kept = {};
}

/** What a form says; what is left empty is not asked for. */
export function searchOf(form: Pick<FormData, "get">): Wanted {
  const wanted: Wanted = {};
  const typed = (name: string) => String(form.get(name) ?? "").trim();
  for (const name of TEXTS) if (typed(name)) wanted[name] = typed(name);
  for (const name of MOMENTS) if (typed(name)) wanted[name] = new Date(typed(name)).toISOString();
  for (const name of NUMBERS) if (typed(name)) wanted[name] = Number(typed(name));
  return wanted;
}
