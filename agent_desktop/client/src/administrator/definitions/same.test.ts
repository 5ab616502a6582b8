import { describe, expect, it } from "vitest";
import { same } from "./same";

describe("what is the same", () => {
  it("is so in whatever order names stand, and with what is not said", () => {
    expect(same({ a: 1, b: { c: 2, d: undefined } }, { b: { c: 2 }, a: 1 })).toBe(true);
  });

  it("is not with rows in another order, or nothing for a value", () => {
    expect(same([1, 2], [2, 1])).toBe(false);
    expect(same({ a: null }, {})).toBe(false);
  });
});
