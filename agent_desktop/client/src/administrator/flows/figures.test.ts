import { expect, it } from "vitest";
import { type Flow, percent, rowsOf } from "./figures";

const flow = (name: string): Flow => ({
  name,
  version: 2,
  origin: "edited",
  sources: [],
  in_force: true,
  updated_at: "2026-11-22T08:00:00Z",
});
const figures = (name: string, entered: number, self_served: number) => ({
  flow: name,
  entered,
  self_served,
  abandoned: 1,
  inside: 0,
});

it("adds the versions of a flow, and has those that nobody called", () => {
  const rows = rowsOf([flow("bank"), flow("mail")], [figures("bank", 3, 1), figures("bank", 5, 3)]);
  expect(rows.map(({ entered, served, abandoned }) => [entered, served, abandoned])).toEqual([
    [8, 4, 2],
    [0, 0, 0],
  ]);
});

it("has no share of nothing", () => {
  expect(percent(4, 8)).toBe("50 %");
  expect(percent(0, 0)).toBe("—");
});
