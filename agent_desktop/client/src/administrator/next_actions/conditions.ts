/** A rule's conditions as they are typed, and as they are kept. Pure. */

import { type Keyed, newKey } from "../../parts/keyed";
import type { Schemas } from "../../server/rest";

type Kept = Schemas["ConditionPart"];
export type Comparison = Kept["comparison"];

export interface Condition extends Keyed {
  field: string;
  comparison: Comparison;
  /** As it is typed: several with commas between them. */
  value: string;
}

export const COMPARISONS: readonly Comparison[] = ["is", "is_not", "has", "at_least", "at_most"];

/** What is known of a customer, beside the centre's own fields; those that are counted. */
export const FACTS = [
  ...["tier", "kind", "language", "tags", "open_tickets", "open_ticket_types", "contacts", "last_outcome"],
];
const COUNTED = new Set(["open_tickets", "contacts"]);

export function newCondition(): Condition {
  return { key: newKey(), field: "tier", comparison: "is", value: "" };
}

export function typed({ field, comparison, value }: Kept): Condition {
  return {
    key: newKey(),
    field,
    comparison,
    value: Array.isArray(value) ? value.join(", ") : String(value),
  };
}

/** `types`: of the centre's own fields. What is no such value is sent as it is: the server says why not. */
export function kept({ field, comparison, value }: Condition, types: Record<string, string>): Kept {
  const type = types[field];
  const text = value.trim();
  const number = COUNTED.has(field) || type === "number" || type === "money";
  if (number || comparison === "at_least" || comparison === "at_most") {
    const some = Number(text);
    return { field, comparison, value: text !== "" && Number.isFinite(some) ? some : text };
  }
  if (type === "boolean" && (text === "true" || text === "false"))
    return { field, comparison, value: text === "true" };
  const several = text
    .split(/[,，]/)
    .map((one) => one.trim())
    .filter(Boolean);
  return { field, comparison, value: several.length > 1 ? several : (several[0] ?? "") };
}
