/** What a form's JSON Schema asks for, field by field, and the values that are sent for what was typed. Pure. */

export type Labels = Record<string, string>;
export type Values = Record<string, unknown>;

export interface Schema {
  type?: string;
  title?: string;
  description?: string;
  format?: string;
  enum?: readonly unknown[];
  const?: unknown;
  oneOf?: readonly Schema[];
  anyOf?: readonly Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: readonly string[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  minLength?: number;
  pattern?: string;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  additionalProperties?: boolean;
  default?: unknown;
  "x-labels"?: Labels;
  "x-script"?: Labels;
  "x-hint"?: Labels;
  "x-order"?: number | readonly string[];
}

export type Kind = "text" | "lines" | "number" | "truth" | "choice" | "choices" | "date" | "moment";

export interface Choice {
  value: string;
  labels: Labels;
}

export interface Field {
  name: string;
  kind: Kind;
  labels: Labels;
  required: boolean;
  choices: readonly Choice[];
  /** What the agent says to ask for it. */
  script: Labels | null;
  /** With what it is filled in. */
  hint: Labels | null;
  schema: Schema;
}

export const LONG = 200; // characters from which a text has several lines

export function fieldsOf(form: Schema): Field[] {
  const names = Object.keys(form.properties ?? {});
  const order = form["x-order"];
  if (Array.isArray(order)) names.sort((one, other) => placeIn(order, one) - placeIn(order, other));
  const fields = names.map((name) => fieldOf(name, form.properties![name]!, form.required ?? []));
  if (Array.isArray(order)) return fields;
  return fields.sort((one, other) => numberOf(one) - numberOf(other));
}

function placeIn(order: readonly string[], name: string): number {
  const place = order.indexOf(name);
  return place < 0 ? order.length : place;
}

function numberOf({ schema }: Field): number {
  const order = schema["x-order"];
  return typeof order === "number" ? order : Number.MAX_SAFE_INTEGER;
}

function fieldOf(name: string, schema: Schema, required: readonly string[]): Field {
  const many = schema.type === "array" && schema.items ? choicesOf(schema.items) : [];
  const choices = many.length ? many : choicesOf(schema);
  return {
    name,
    kind: kindOf(schema, choices, many.length > 0),
    labels: schema["x-labels"] ?? { en: schema.title ?? name },
    required: required.includes(name),
    choices,
    script: schema["x-script"] ?? null,
    hint: schema["x-hint"] ?? (schema.description ? { en: schema.description } : null),
    schema,
  };
}

function kindOf(schema: Schema, choices: readonly Choice[], many: boolean): Kind {
  if (many) return "choices";
  if (choices.length) return "choice";
  if (schema.type === "boolean") return "truth";
  if (schema.type === "integer" || schema.type === "number") return "number";
  if (schema.format === "date") return "date";
  if (schema.format === "date-time") return "moment";
  return (schema.maxLength ?? 0) >= LONG ? "lines" : "text";
}

/** An `enum`, or one `const` each with labels. */
function choicesOf({ enum: plain, oneOf, anyOf }: Schema): Choice[] {
  if (plain) return plain.map((value) => ({ value: String(value), labels: { en: String(value) } }));
  const each = oneOf ?? anyOf ?? [];
  if (!each.length || each.some((one) => one.const === undefined)) return [];
  return each.map((one) => ({
    value: String(one.const),
    labels: one["x-labels"] ?? { en: one.title ?? String(one.const) },
  }));
}

/** With what a form begins: what is known, else what the schema has as a default. */
export function begun(fields: readonly Field[], known: Values): Values {
  const values: Values = {};
  for (const { name, schema } of fields) {
    const value = known[name] ?? schema.default;
    if (value !== undefined && value !== null) values[name] = value;
  }
  return values;
}

/** What is sent: of the types that the schema wants, without what is empty. */
export function filled(fields: readonly Field[], typed: Values): Values {
  const values: Values = {};
  for (const field of fields) {
    const value = sentFor(field, typed[field.name]);
    if (value !== undefined) values[field.name] = value;
  }
  return values;
}

function sentFor({ kind, schema }: Field, typed: unknown): unknown {
  if (kind === "truth") return typed === undefined ? undefined : typed === true || typed === "true";
  if (kind === "choices") return Array.isArray(typed) && typed.length ? typed : undefined;
  const text = String(typed ?? "").trim();
  if (text === "") return undefined;
  const number = schema.type === "integer" || schema.type === "number";
  if (number) return Number.isFinite(Number(text)) ? Number(text) : text; // the server says what is wrong with it
  if (kind !== "moment") return text;
  const at = new Date(text);
  return Number.isNaN(at.valueOf()) ? text : at.toISOString();
}

/** The fields that have to be filled in and are not. */
export function missing(fields: readonly Field[], typed: Values): string[] {
  const values = filled(fields, typed);
  return fields
    .filter(({ name, required }) => required && values[name] === undefined)
    .map(({ name }) => name);
}
