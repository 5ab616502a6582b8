/** What targets are about, and how their values are written. Pure. */

import type { Schemas } from "../../server/rest";
import { languageNow } from "../../words/words";
import { seconds } from "../format";

export type Standing = Schemas["TargetStanding"];
export type Target = Standing["definition"];
export type Kpi = Target["kpi"];
export type Subject = Target["subject"];
export type Colour = Standing["light"];
export type Action = Schemas["TargetActionView"];

const OF_AGENTS = ["aht", "csat", "complaint_rate", "quality_score"] as const;
const OF_WAITS = ["service_level", "asa", "abandon_rate"] as const;

/** The figures that each has. */
export const KPIS = {
  centre: [...OF_WAITS, ...OF_AGENTS, "occupancy", "blocked_rate"],
  queue: [...OF_WAITS, ...OF_AGENTS],
  team: [...OF_AGENTS, "occupancy"],
} as const satisfies Record<Subject, readonly Kpi[]>;

const LESS_IS_BETTER: readonly Kpi[] = ["asa", "abandon_rate", "aht", "complaint_rate", "blocked_rate"];

export function lessIsBetter(kpi: Kpi): boolean {
  return LESS_IS_BETTER.includes(kpi);
}

export function inSeconds(kpi: Kpi): boolean {
  return kpi === "asa" || kpi === "aht";
}

/** "1:20", "82.5 %"; a dash where there is nothing to say. */
export function written(kpi: Kpi, value: number | null): string {
  if (value === null) return "–";
  if (inSeconds(kpi)) return seconds(value);
  const locale = languageNow() === "zh" ? "zh-CN" : "en-GB";
  return new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format(value);
}

/** A day as an input of the kind "date" has it, by the browser's own clock. */
export function dayOf(moment: Date, daysBefore = 0): string {
  const day = new Date(moment.getFullYear(), moment.getMonth(), moment.getDate() - daysBefore);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}
