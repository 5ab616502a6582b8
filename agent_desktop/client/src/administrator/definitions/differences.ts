/** What differs between two contents, field by field. */

export interface Difference {
  /** "settings.wrap_up": where it stands. */
  field: string;
  from: unknown;
  to: unknown;
}

type Content = Record<string, unknown>;

/** Within objects field by field, lists as a whole; in the order of their names. */
export function differences(before: unknown, after: unknown, within = ""): Difference[] {
  if (isContent(before) && isContent(after)) {
    const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return fields.flatMap((name) =>
      differences(before[name], after[name], within ? `${within}.${name}` : name),
    );
  }
  return shown(before) === shown(after) ? [] : [{ field: within, from: before, to: after }];
}

/** A value in a line. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return "—";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function isContent(value: unknown): value is Content {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
