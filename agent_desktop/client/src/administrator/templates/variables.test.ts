import { describe, expect, it } from "vitest";
import { kept, newVariable, type TYPES, typed } from "./variables";

const variable = (type: (typeof TYPES)[number], example: string) => ({
  ...newVariable(),
  name: "it",
  type,
  example,
});

describe("a template's example", () => {
  it("is kept as its type has it", () => {
    const examples = [
      variable("money", "1234.5"),
      variable("truth", "true"),
      variable("truth", ""),
      variable("list", "one\n\n two \n"),
      variable("date", "2026-11-22"),
    ].map((one) => kept(one).example);
    expect(examples).toEqual([1234.5, true, false, ["one", "two"], "2026-11-22"]);
  });

  it("is sent as it is where it is none of its type", () => {
    expect(kept(variable("number", "many")).example).toBe("many");
    expect(kept(variable("number", " ")).example).toBe(" ");
  });

  it("reads as it was typed", () => {
    expect(typed({ name: "it", type: "list", example: ["a", "b"] }).example).toBe("a\nb");
    const rows = [
      { day: "2026-11-22", sum: 1.5 },
      { day: "2026-11-23", sum: 2 },
    ];
    const table = typed({ name: "it", type: "table", example: rows });
    expect(table.example.split("\n")).toHaveLength(2);
    expect(kept(table).example).toEqual(rows);
    expect(kept({ ...table, example: "no row" }).example).toEqual(["no row"]);
    expect(typed({ name: "it", type: "truth", example: false }).example).toBe("false");
    expect(kept(typed({ name: "it", type: "money", example: 2 }))).toEqual({
      name: "it",
      type: "money",
      example: 2,
    });
  });
});
