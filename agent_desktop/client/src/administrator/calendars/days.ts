/** The days of a calendar that are not as their weekday: what the server keeps as holidays and exceptions. Pure. */

import type { Schemas } from "../../server/rest";
import type { Span } from "./spans";

type Hours = Schemas["Hours"];
type Labels = Schemas["Labels"];

export interface SpecialDay {
  date: string;
  /** Of a holiday; none for a day that only has other hours. */
  labels: Labels;
  /** None: closed. */
  spans: Span[];
}

export const NEW_DAY: SpecialDay = { date: "", labels: { zh: "", en: "" }, spans: [] };

export function daysOf({
  holidays = [],
  overrides = [],
}: Pick<Hours, "holidays" | "overrides">): SpecialDay[] {
  const days = new Map<string, SpecialDay>();
  for (const { date, labels } of holidays) days.set(date, { date, labels, spans: [] });
  for (const { date, hours } of overrides)
    days.set(date, { date, labels: days.get(date)?.labels ?? NEW_DAY.labels, spans: hours });
  return [...days.values()].sort((one, other) => one.date.localeCompare(other.date));
}

export function keptDays(days: readonly SpecialDay[]): Required<Pick<Hours, "holidays" | "overrides">> {
  return {
    holidays: days.filter(isNamed).map(({ date, labels }) => ({ date, labels })),
    overrides: days
      .filter((day) => day.spans.length > 0 || !isNamed(day))
      .map(({ date, spans }) => ({ date, hours: spans })),
  };
}

/** A date that two of them have: the server would take the last one's hours without a word. */
export function twice(days: readonly SpecialDay[]): string | null {
  const dates = days.map(({ date }) => date);
  return dates.find((date, at) => date && dates.indexOf(date) !== at) ?? null;
}

const isNamed = ({ labels }: SpecialDay): boolean => Boolean(labels.zh || labels.en);
