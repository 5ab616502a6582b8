import { describe, expect, it } from "vitest";
import { chartOf, type Point } from "./chart";

const HOUR = 3_600_000;
const NINE = Date.parse("2026-11-23T09:00:00Z");

function at(hour: number, value: number | null): Point {
  return { begins_at: new Date(NINE + hour * HOUR).toISOString(), value, light: "green" };
}

describe("a target's history", () => {
  const span = { since: NINE, until: NINE + 4 * HOUR, interval: HOUR };

  it("stands where its time is, as high as its value", () => {
    const { bars, green, yellow } = chartOf([at(0, 50), at(2, 100)], { green: 80, yellow: 60 }, span);
    expect(bars.map(({ x, width }) => [x, width])).toEqual([
      [0, 0.25],
      [0.5, 0.25],
    ]);
    expect(bars[0]!.height).toBeCloseTo(bars[1]!.height / 2);
    expect([bars[1]!.height, green, yellow].map((each) => each.toFixed(3))).toEqual([
      "0.909",
      "0.727",
      "0.545",
    ]);
  });

  it("has no bar where there is nothing to say, nor outside", () => {
    const { bars } = chartOf([at(-1, 5), at(1, null), at(4, 5)], { green: 1, yellow: 2 }, span);
    expect(bars).toEqual([]);
  });

  it("has its bounds within it though all values and bounds are nought", () => {
    expect(chartOf([at(0, 0)], { green: 0, yellow: 0 }, span)).toMatchObject({ green: 0, yellow: 0 });
  });
});
