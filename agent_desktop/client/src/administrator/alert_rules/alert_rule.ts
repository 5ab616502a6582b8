/** What rules of alerts measure, and how one is edited. Pure. */

import { NO_LABELS } from "../../parts/labels";
import { length } from "../../parts/time";
import type { Schemas } from "../../server/rest";
import { languageNow } from "../../words/words";

export type Rule = Schemas["AlertRuleView"];
export type Definition = Rule["definition"];
export type Subject = Definition["subject"];
export type Measure = Definition["measure"];
export type Severity = NonNullable<Definition["severity"]>;
export type Window = NonNullable<Definition["window"]>;
export type Way = "above" | "below";
export type Unit = "contacts" | "seconds" | "share";

export const SEVERITIES: readonly Severity[] = ["info", "warning", "critical"];

const OF_STAFF = ["ready", "not_ready", "logged_in", "busy_share"] as const;
const OF_QUEUES = [
  ...(["waiting", "longest_wait", "service_level", "abandon_rate", "asa", "aht"] as const),
  ...(["offered", "abandoned", ...OF_STAFF] as const),
] as const;

/** What can be measured of each. */
export const MEASURES: Record<Subject, readonly Measure[]> = {
  queue: OF_QUEUES,
  centre: [...OF_QUEUES, "lines_busy", "blocked_rate"],
  team: OF_STAFF,
  trunk: ["lines_busy", "line_occupancy"],
};

const SHARES: readonly Measure[] = [
  ...(["service_level", "abandon_rate", "busy_share"] as const),
  ...(["line_occupancy", "blocked_rate"] as const),
];
const IN_SECONDS: readonly Measure[] = ["longest_wait", "asa", "aht"];
const OF_CONTACTS: readonly Measure[] = ["service_level", "abandon_rate", "asa", "aht", "blocked_rate"];

export function unitOf(measure: Measure): Unit {
  if (SHARES.includes(measure)) return "share";
  return IN_SECONDS.includes(measure) ? "seconds" : "contacts";
}

/** A rate or a mean, which says little of few contacts. */
export function isOfContacts(measure: Measure): boolean {
  return OF_CONTACTS.includes(measure);
}

/** In which it is counted; none for what is of the moment. */
export function windowsOf(measure: Measure): readonly Window[] {
  if (measure === "blocked_rate") return ["interval", "today"];
  const counted = isOfContacts(measure) || measure === "offered" || measure === "abandoned";
  return counted ? ["recent", "interval", "today"] : [];
}

/** "5", "1:30", "82.5 %". */
export function written(measure: Measure, value: number): string {
  const unit = unitOf(measure);
  if (unit === "seconds") return length(value);
  const locale = languageNow() === "zh" ? "zh-CN" : "en-GB";
  const style = unit === "share" ? "percent" : "decimal";
  return new Intl.NumberFormat(locale, { style, maximumFractionDigits: 1 }).format(value);
}

/** The sign and the bound that a rule has. */
export function boundOf({ above, below }: Definition): { way: Way; bound: number | null } {
  const isBelow = below !== null && below !== undefined;
  return isBelow ? { way: "below", bound: below } : { way: "above", bound: above ?? null };
}

/** A rule while it is typed in. */
export interface Draft {
  labels: Definition["labels"];
  severity: Severity;
  subject: Subject;
  /** Null: each of them by itself. */
  name: string | null;
  measure: Measure;
  window: Window;
  way: Way;
  bound: number | null;
  /** Null: the bound itself. */
  overAt: number | null;
  lasts: number | null;
  overFor: number | null;
  atLeast: number | null;
  enabled: boolean;
}

/** With what the server has where nothing was said. */
export function drafted(rule: Definition | null): Draft {
  return {
    labels: rule?.labels ?? NO_LABELS,
    severity: rule?.severity ?? "warning",
    subject: rule?.subject ?? "queue",
    name: rule?.name ?? null,
    measure: rule?.measure ?? "waiting",
    window: rule?.window ?? "recent",
    ...(rule ? boundOf(rule) : { way: "above" as const, bound: null }),
    overAt: rule?.over_at ?? null,
    lasts: rule?.lasts ?? 10,
    overFor: rule?.over_for ?? 10,
    atLeast: rule?.at_least ?? 0,
    enabled: rule?.enabled ?? true,
  };
}

/** What is no measure of the other is not kept, nor is a name. */
export function withSubject(draft: Draft, subject: Subject): Draft {
  const [first = draft.measure] = MEASURES[subject];
  const measure = MEASURES[subject].includes(draft.measure) ? draft.measure : first;
  return withMeasure({ ...draft, subject, name: null }, measure);
}

/** A bound in another unit would be another bound. */
export function withMeasure(draft: Draft, measure: Measure): Draft {
  const same = unitOf(measure) === unitOf(draft.measure);
  const windows = windowsOf(measure);
  const window = windows.includes(draft.window) ? draft.window : (windows[0] ?? "recent");
  return { ...draft, measure, window, ...(same ? {} : { bound: null, overAt: null }) };
}

/** As the server keeps it. */
export function defined(draft: Draft): Definition {
  const { labels, severity, subject, name, measure, window, way, bound, enabled } = draft;
  return {
    ...{ labels, severity, subject, name, measure, window, enabled },
    above: way === "above" ? bound : null,
    below: way === "below" ? bound : null,
    over_at: draft.overAt,
    lasts: draft.lasts ?? 0,
    over_for: draft.overFor ?? 0,
    at_least: isOfContacts(measure) ? (draft.atLeast ?? 0) : 0,
  };
}
