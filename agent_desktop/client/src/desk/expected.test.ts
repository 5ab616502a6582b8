import { expect, it } from "vitest";
import { Expected } from "./expected";

it("answers what was asked for, once", () => {
  const expected = new Expected();
  expected.add("k1", 0);
  expect([expected.take("k1", 5_000), expected.take("k1", 5_001), expected.take("k2", 0)]).toEqual([
    true,
    false,
    false,
  ]);
});

it("does not answer what comes of the same contact much later, or after its end", () => {
  const expected = new Expected();
  expected.add("k1", 0);
  expect(expected.take("k1", 60_000)).toBe(false);
  expected.add("k1", 0);
  expected.drop("k1");
  expect(expected.take("k1", 1)).toBe(false);
});
