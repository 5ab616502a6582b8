import { inLanguage } from "../words/words";

/** A value of a row that was looked up, as it stands in a cell. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  return inLanguage(value as Record<string, string>) || JSON.stringify(value);
}

/** The steps of a menu that the customer took, by their names in the flow. */
export function pathInWords(path: readonly string[]): string {
  return path.map((step) => step.replaceAll(/[_-]+/g, " ")).join(" › ");
}
