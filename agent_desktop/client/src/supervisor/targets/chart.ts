/** Where a figure's history is drawn: a bar for each interval, a line for each bound. Pure. */

import type { Schemas } from "../../server/rest";
import type { Colour } from "./target";

export type Point = Schemas["TargetPoint"];

/** All of it as shares of the drawing's width and height, from its lower left. */
export interface Bar {
  begins_at: string;
  x: number;
  width: number;
  height: number;
  light: Colour;
}

export interface Chart {
  bars: Bar[];
  green: number;
  yellow: number;
}

const HEADROOM = 1.1;

/** Intervals in which nothing happened stay empty; a value of nought is a bar without height. */
export function chartOf(
  points: readonly Point[],
  bounds: { green: number; yellow: number },
  span: { since: number; until: number; interval: number },
): Chart {
  const values = points.flatMap(({ value }) => (value === null ? [] : [value]));
  const top = Math.max(bounds.green, bounds.yellow, ...values) * HEADROOM || 1;
  const whole = Math.max(1, span.until - span.since);
  const bars = points.flatMap(({ begins_at, value, light }) => {
    const x = (Date.parse(begins_at) - span.since) / whole;
    const width = Math.min(span.interval / whole, 1 - x);
    return value === null || x < 0 || width <= 0 ? [] : [{ begins_at, x, width, height: value / top, light }];
  });
  return { bars, green: bounds.green / top, yellow: bounds.yellow / top };
}
