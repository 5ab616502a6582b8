/** What a ticket must be for a step to be done: as it is typed, and as it is kept. Pure. */

import { type Keyed, newKey } from "../../parts/keyed";
import type { Schemas } from "../../server/rest";
import type { DesignKind, FormDesign } from "../forms/design";

type Kept = Schemas["crm__ticket_types__Condition"];
type Value = NonNullable<Kept["one_of"]>[number];
type Kinds = Readonly<Record<string, DesignKind>>;

export const WAYS = ["equals", "one_of", "at_least"] as const;
export type Way = (typeof WAYS)[number];
/** Beside the form's own fields. */
export const TICKET_FIELDS = ["priority", "risk", "queue", "team", "tier"] as const;

export interface Condition extends Keyed {
  field: string;
  way: Way;
  /** Of one_of several with commas between them; of equals, nothing: it is not filled in. */
  value: string;
  /** As it was kept, which is sent again while it says the same. */
  was?: Kept;
}

export function newCondition(): Condition {
  return { key: newKey(), field: "priority", way: "one_of", value: "" };
}

export function typedCondition(was: Kept): Condition {
  return { key: newKey(), field: was.field, ...said(was), was };
}

function said({ equals, one_of, at_least }: Kept): { way: Way; value: string } {
  if (at_least !== null && at_least !== undefined) return { way: "at_least", value: String(at_least) };
  if (one_of) return { way: "one_of", value: one_of.map((one) => String(one ?? "")).join(", ") };
  return { way: "equals", value: String(equals ?? "") };
}

/** What the form's fields hold, by the names that conditions have for them. */
export function kindsIn({ fields }: FormDesign): Kinds {
  return { risk: "truth", ...Object.fromEntries(fields.map(({ name, kind }) => [`form.${name}`, kind])) };
}

/** What is none of its kind is sent as it is: the server says why not. */
export function keptCondition({ field, way, value, was }: Condition, kinds: Kinds): Kept {
  if (was && was.field === field && said(was).way === way && said(was).value === value) return was;
  const kind = kinds[field];
  if (way === "at_least") return { field, at_least: read(value, "number") as number };
  if (way === "equals") return { field, equals: read(value, kind) };
  const several = value.split(/[,，]/).filter((one) => one.trim());
  return { field, one_of: several.map((one) => read(one, kind)) };
}

function read(typed: string, kind: DesignKind | undefined): Value {
  const text = typed.trim();
  if (text === "") return null;
  if (kind === "truth" && (text === "true" || text === "false")) return text === "true";
  return kind === "number" && Number.isFinite(Number(text)) ? Number(text) : text;
}
