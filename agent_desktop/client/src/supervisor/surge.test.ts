import { describe, expect, it } from "vitest";
import { byDimension, isFor, type SurgePart } from "./surge";

function part(dimension: SurgePart["dimension"], name: string): SurgePart {
  return { dimension, name, labels: null, count: 3, share: 0.5, share_before: 0.1 };
}

describe("a surge", () => {
  it("is shown by dimension, in the order in which it was told", () => {
    const parts = [part("reason", "card"), part("reason", "loan"), part("region", "湖北省武汉市")];
    const shown = byDimension(parts).map(([dimension, some]) => [dimension, some.map(({ name }) => name)]);
    expect(shown).toEqual([
      ["reason", ["card", "loan"]],
      ["region", ["湖北省武汉市"]],
    ]);
  });

  it("has what is announced to its own callers: a queue is not a number of the same name", () => {
    const broadcast = { queues: ["2000"], numbers: ["95555"] };
    expect(isFor({ subject: "queue", name: "2000" }, broadcast)).toBe(true);
    expect(isFor({ subject: "number", name: "2000" }, broadcast)).toBe(false);
    expect(isFor({ subject: "number", name: "95555" }, broadcast)).toBe(true);
  });
});
