/** A form as it is designed, and the JSON Schema that it is kept as. Pure. */

import { type Field, fieldsOf, type Kind, LONG, type Schema } from "../../parts/json_form";
import { type Keyed, newKey } from "../../parts/keyed";
import { type Labels, NO_LABELS } from "../../parts/labels";

/** "other": a field that the designer does not know; it stays as it is. */
export type DesignKind = Kind | "other";

export interface ChoiceDesign extends Keyed {
  value: string;
  labels: Labels;
}

export interface FieldDesign extends Keyed {
  name: string;
  kind: DesignKind;
  labels: Labels;
  hint: Labels;
  script: Labels;
  required: boolean;
  /** Of a number: without a fraction. */
  whole: boolean;
  /** Of a number; or how long a text has to be and may be; or how many are chosen. */
  least: number | null;
  most: number | null;
  choices: ChoiceDesign[];
  /** Whether the field was kept already: values go by its name. */
  kept: boolean;
  /** What the designer has no place for. */
  rest: Schema;
}

export interface FormDesign {
  script: Labels;
  fields: FieldDesign[];
  rest: Schema;
}

export const KINDS: readonly DesignKind[] = [
  ...(["text", "lines", "number", "date", "moment", "choice", "choices", "truth"] as const),
];

const LONGEST_TEXT = LONG - 1;
const LONGEST_LINES = 20_000;
const USUAL_LINES = 2000;
const MOST_CHOSEN = 50; // as the server has it

const OF_LENGTH = ["minLength", "maxLength"] as const;
const OF_VALUE = ["minimum", "maximum"] as const;
const OF_COUNT = ["minItems", "maxItems"] as const;

export const NEW_FORM: Schema = { type: "object", properties: {}, additionalProperties: false };

export function newField(): FieldDesign {
  return {
    key: newKey(),
    name: "",
    kind: "text",
    labels: NO_LABELS,
    hint: NO_LABELS,
    script: NO_LABELS,
    required: false,
    whole: false,
    least: null,
    most: null,
    choices: [],
    kept: false,
    rest: {},
  };
}

export function newChoice(): ChoiceDesign {
  return { key: newKey(), value: "", labels: NO_LABELS };
}

/** Whether another of them is called the same: one of the two would be lost. */
export function isTwice<T extends Keyed>(one: T, all: readonly T[], nameOf: (one: T) => string): boolean {
  return all.some((other) => other.key !== one.key && nameOf(other) === nameOf(one));
}

export function designOf(form: Schema): FormDesign {
  const { properties: _, required: __, "x-script": script, "x-order": ___, ...rest } = form;
  return { script: both(script), fields: fieldsOf(form).map(fieldDesign), rest };
}

function fieldDesign(field: Field): FieldDesign {
  const { name, schema, labels, required } = field;
  const kind = designed(field) ? field.kind : "other";
  const { "x-labels": _, "x-hint": __, "x-script": ___, "x-order": ____, ...rest } = schema;
  const own = kind === "other" ? rest : without(rest, OWN);
  const [least, most] = boundsOf(kind);
  return {
    key: newKey(),
    name,
    kind,
    labels: inBoth(labels),
    hint: both(field.hint),
    script: both(field.script),
    required,
    whole: schema.type === "integer",
    least: (least && schema[least]) ?? null,
    most: (most && schema[most]) ?? null,
    choices: field.choices.map((one) => ({ key: newKey(), value: one.value, labels: inBoth(one.labels) })),
    kept: true,
    rest: own,
  };
}

const OWN: readonly (keyof Schema)[] = [
  ...["type", "format", "enum", "oneOf", "anyOf", "items", "title", "description", "uniqueItems"],
  ...[...OF_LENGTH, ...OF_VALUE, ...OF_COUNT],
] as (keyof Schema)[];

/** Whether the designer can say all that the field says. */
function designed({ kind, schema }: Field): boolean {
  const type = { number: schema.type, truth: "boolean", choices: "array" }[kind as string] ?? "string";
  const formats = { date: "date", moment: "date-time" }[kind as string];
  const inItems = kind === "choices" && (schema.items?.type ?? "string") !== "string";
  return schema.type === type && schema.format === formats && !inItems && !Array.isArray(schema.type);
}

export function boundsOf(kind: DesignKind): readonly [keyof Bounds | null, keyof Bounds | null] {
  if (kind === "number") return OF_VALUE;
  if (kind === "text" || kind === "lines") return OF_LENGTH;
  return kind === "choices" ? OF_COUNT : [null, null];
}

interface Limits {
  lowest?: number;
  highest?: number;
  /** The least that the upper bound can be. */
  leastMost?: number;
}

/** What the bounds of such a field can be: a text of several lines is one that may be long. */
export function limitsOf(kind: DesignKind): Limits {
  if (kind === "text") return { lowest: 0, highest: LONGEST_TEXT };
  if (kind === "lines") return { lowest: 0, highest: LONGEST_LINES, leastMost: LONG };
  return kind === "choices" ? { lowest: 0, highest: MOST_CHOSEN, leastMost: 1 } : {};
}

/** With other labels; the name of a new field follows the English one until it is written itself. */
export function renamed(field: FieldDesign, labels: Labels): FieldDesign {
  const follows = !field.kept && field.name === wordFor(field.labels.en);
  return { ...field, labels, name: follows ? wordFor(labels.en) : field.name };
}

/** "Order number" as it is called in data: order_number. */
export function wordFor(text: string): string {
  const word = text.toLowerCase().replace(/[^a-z0-9]+/g, "_");
  return word.replace(/^[^a-z]+|_+$/g, "").slice(0, 64);
}

type Bounds = Pick<Schema, (typeof OF_LENGTH | typeof OF_VALUE | typeof OF_COUNT)[number]>;

export function schemaOf({ script, fields, rest }: FormDesign): Schema {
  const required = fields.filter((one) => one.required).map(({ name }) => name);
  return {
    ...rest,
    ...(said(script) && { "x-script": script }),
    properties: Object.fromEntries(fields.map((one) => [one.name, fieldSchema(one)])),
    ...(required.length && { required }),
    "x-order": fields.map(({ name }) => name),
  };
}

function fieldSchema(field: FieldDesign): Schema {
  return {
    ...typeOf(field),
    ...field.rest,
    "x-labels": field.labels,
    ...(said(field.hint) && { "x-hint": field.hint }),
    ...(said(field.script) && { "x-script": field.script }),
  };
}

function typeOf(field: FieldDesign): Schema {
  const { kind, whole, choices } = field;
  const chosen = choices.map(({ value, labels }) => ({ const: value, "x-labels": labels }));
  switch (kind) {
    case "other":
      return {};
    case "number":
      return { type: whole ? "integer" : "number", ...bounds(field) };
    case "truth":
      return { type: "boolean" };
    case "date":
      return { type: "string", format: "date" };
    case "moment":
      return { type: "string", format: "date-time" };
    case "choice":
      return { type: "string", oneOf: chosen };
    case "choices":
      return {
        type: "array",
        items: { type: "string", oneOf: chosen },
        uniqueItems: true,
        maxItems: Math.min(choices.length || 1, MOST_CHOSEN),
        ...bounds(field),
      };
    case "lines":
      return { type: "string", maxLength: USUAL_LINES, ...bounds(field) };
    case "text":
      return { type: "string", ...bounds(field) };
  }
}

/** Those that such a field can have: another kind's, of before it was changed, are none. */
function bounds({ kind, least, most: wanted }: FieldDesign): Bounds {
  const [low, high] = boundsOf(kind);
  const { highest = Number.POSITIVE_INFINITY, leastMost = Number.NEGATIVE_INFINITY } = limitsOf(kind);
  const most = wanted !== null && wanted >= leastMost && wanted <= highest ? wanted : null;
  return {
    ...(low && least !== null && { [low]: least }),
    ...(high && most !== null && { [high]: most }),
  };
}

function both(labels: Record<string, string> | null | undefined): Labels {
  return { zh: labels?.zh ?? "", en: labels?.en ?? "" };
}

/** A name that is in one language only is that in both until somebody translates it. */
function inBoth({ zh, en }: Record<string, string>): Labels {
  return { zh: zh ?? en ?? "", en: en ?? zh ?? "" };
}

const said = ({ zh, en }: Labels) => Boolean(zh || en);

function without(schema: Schema, names: readonly string[]): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !names.includes(name)));
}
