import { describe, expect, it } from "vitest";
import { readDuration, writtenDuration } from "./duration";

describe("a duration", () => {
  it.each([
    ["45", "PT45S"],
    ["0.5", "PT0.5S"],
    ["90", "PT1M30S"],
    ["1:30", "PT1M30S"],
    ["90:00", "PT1H30M"],
    ["2:00:00", "PT2H"],
    ["25:00:01", "P1DT1H1S"],
    ["3d", "P3D"],
    ["3 天", "P3D"],
    ["0", "PT0S"],
  ])("is read as people write it: %s", (text, iso) => {
    expect(readDuration(text)).toBe(iso);
  });

  it.each(["", "soon", "1:60", "1:75:00", "-3", "1:2"])("is not made of anything else: %s", (text) => {
    expect(readDuration(text)).toBeNull();
  });

  it.each([
    ["PT45S", "45"],
    ["PT0.5S", "0.5"],
    ["PT1M30S", "1:30"],
    ["PT1H", "1:00:00"],
    ["P1DT1H", "25:00:00"],
    ["P3D", "3d"],
    ["PT0S", "0"],
  ])("is written so that it is read back: %s", (iso, text) => {
    expect(writtenDuration(iso)).toBe(text);
    expect(readDuration(text)).toBe(iso);
  });
});
