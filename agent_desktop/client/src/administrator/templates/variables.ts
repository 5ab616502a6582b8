/** A template's values as they are typed, and as they are kept. Pure. */

import { type Keyed, newKey } from "../../parts/keyed";
import type { Schemas } from "../../server/rest";

type Kept = Schemas["TemplateVariable"];
export type VariableType = NonNullable<Kept["type"]>;

export interface Variable extends Keyed {
  name: string;
  type: VariableType;
  /** As it is typed; of a list a text in each line, of a table a row as JSON. */
  example: string;
}

export const TYPES: readonly VariableType[] = [
  ...(["text", "number", "money", "date", "time", "phone", "truth", "list", "table"] as const),
];

export function newVariable(): Variable {
  return { key: newKey(), name: "", type: "text", example: "" };
}

export function typed({ name, type = "text", example }: Kept): Variable {
  const line = (one: unknown) => (typeof one === "string" ? one : JSON.stringify(one));
  const text = Array.isArray(example) ? example.map(line).join("\n") : String(example);
  return { key: newKey(), name, type, example: text };
}

/** What is none of its type is sent as it is: the server says why not. */
export function kept({ name, type, example }: Variable): Kept {
  switch (type) {
    case "number":
    case "money": {
      const number = Number(example);
      return { name, type, example: example.trim() && Number.isFinite(number) ? number : example };
    }
    case "truth":
      return { name, type, example: example === "true" };
    case "list":
      return { name, type, example: linesOf(example) };
    case "table":
      return { name, type, example: linesOf(example).map(row) };
    default:
      return { name, type, example };
  }
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((one) => one.trim())
    .filter(Boolean);
}

function row(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}
