import { describe, expect, it } from "vitest";
import { figureOf, type PartHealth, told, worstFirst } from "./health";

const part = (name: string, state: PartHealth["state"], reason = ""): PartHealth => ({
  part: name,
  state,
  reason,
  detail: "",
  figures: {},
});

describe("worstFirst", () => {
  it("has what is bad before what is worth an eye, and leaves the rest in its order", () => {
    const parts = [part("a", "ok"), part("b", "warn"), part("c", "bad"), part("d", "ok"), part("e", "warn")];
    expect(worstFirst(parts).map((each) => each.part)).toEqual(["c", "b", "e", "a", "d"]);
  });
});

describe("figureOf", () => {
  it("takes the unit from the name", () => {
    expect(figureOf("lag_seconds", 0.1)).toMatchObject({ name: "lag_seconds", unit: "seconds" });
    expect(figureOf("days_left", 12.5)).toMatchObject({ name: "days_left", unit: "days" });
    expect(figureOf("spool_free_bytes", 5e9)).toEqual({
      name: "free_bytes",
      of: "spool",
      value: 5e9,
      unit: "bytes",
    });
    expect(figureOf("dead", 3)).toMatchObject({ name: "dead", unit: "count" });
  });
});

describe("told", () => {
  const words: Record<string, string> = {
    "healthReason.no_answer": "silent",
    "healthReason.database.no_answer": "calls go on",
  };
  const named = (kind: string, name: string) => words[`${kind}.${name}`] ?? name;

  it("has a part's own words before those for any", () => {
    expect(told(named, "healthReason", part("database", "bad", "no_answer"))).toBe("calls go on");
    expect(told(named, "healthReason", part("loop", "bad", "no_answer"))).toBe("silent");
  });

  it("says nothing to do where nothing is known, and the reason as it stands", () => {
    expect(told(named, "healthAdvice", part("loop", "warn", "unheard_of"))).toBe("");
    expect(told(named, "healthReason", part("loop", "warn", "unheard_of"))).toBe("unheard_of");
  });
});
