/** Rows in the order of one of their columns. */

import { languageNow } from "../words/words";

export interface Sorting {
  column: string;
  direction: "ascending" | "descending";
}

type By<T> = (row: T) => string | number | null | undefined;

export function inOrder<T>(
  rows: readonly T[],
  by: By<T> | undefined,
  direction: Sorting["direction"] = "ascending",
): readonly T[] {
  if (!by) return rows;
  const words = new Intl.Collator(languageNow() === "zh" ? "zh-CN" : "en", { numeric: true });
  const sign = direction === "descending" ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [by(one), by(other)];
    if (a === b) return 0;
    if (a === null || a === undefined) return 1; // what has none is last, whichever way
    if (b === null || b === undefined) return -1;
    return (
      sign * (typeof a === "number" && typeof b === "number" ? a - b : words.compare(String(a), String(b)))
    );
  });
}
