import { describe, expect, it } from "vitest";
import { differences, shown } from "./differences";

describe("differences", () => {
  it("names the fields that are another, within objects too", () => {
    const before = { labels: { zh: "贷款", en: "Loans" }, level: 1, queues: ["a"] };
    const after = { labels: { zh: "贷款", en: "Credit" }, level: 1, queues: ["a", "b"] };
    expect(differences(before, after)).toEqual([
      { field: "labels.en", from: "Loans", to: "Credit" },
      { field: "queues", from: ["a"], to: ["a", "b"] },
    ]);
  });

  it("tells what came and what went", () => {
    expect(differences({ a: 1 }, { b: 2 })).toEqual([
      { field: "a", from: 1, to: undefined },
      { field: "b", from: undefined, to: 2 },
    ]);
    expect(differences(null, { a: 1 })).toEqual([{ field: "", from: null, to: { a: 1 } }]);
  });

  it("takes an empty value for none", () => {
    expect(differences({ a: null }, {})).toEqual([]);
    expect(shown(undefined)).toBe("—");
    expect(shown({ zh: "一" })).toBe('{"zh":"一"}');
  });
});
