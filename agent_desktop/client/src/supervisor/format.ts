/** Figures as they are written; a dash where there is nothing to say. */

import { length } from "../parts/time";
import { languageNow } from "../words/words";

const NOTHING = "–";

export function share(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING;
  const locale = languageNow() === "zh" ? "zh-CN" : "en-GB";
  return new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 }).format(value);
}

export function seconds(value: number | null | undefined): string {
  return value === null || value === undefined ? NOTHING : length(value);
}
