import { describe, expect, it } from "vitest";
import { daysOf, keptDays, twice } from "./days";
import { readSpans, writtenSpans } from "./spans";
import { momentIn } from "./wall_time";

describe("the hours of a day", () => {
  it("are read as people write them", () => {
    const day = [
      ["09:00", "12:00"],
      ["13:30", "24:00"],
    ];
    expect(readSpans("9:00-12:00, 13:30–24:00")).toEqual(day);
    expect(readSpans("9：00至12：00，13：30到24：00")).toEqual(day);
    expect(readSpans(writtenSpans(day as [string, string][]))).toEqual(day);
    expect(readSpans("  ")).toEqual([]);
  });

  it.each(["9-12", "12:00-09:00", "09:00-24:30", "09:60-10:00", "09:00-12:00, 12:00-13:00", "closed"])(
    "are not made of anything else: %s",
    (text) => expect(readSpans(text)).toBeNull(),
  );
});

describe("special days", () => {
  const labels = { zh: "国庆节", en: "National Day" };
  const hours = {
    holidays: [{ date: "2026-10-01", labels }],
    overrides: [
      { date: "2026-10-10", hours: [["09:00", "12:00"]] as [string, string][] },
      { date: "2026-02-01", hours: [] },
    ],
  };

  it("are one list, in the order of the year, and two again for the server", () => {
    const days = daysOf(hours);
    expect(days.map(({ date, spans }) => [date, spans.length])).toEqual([
      ["2026-02-01", 0],
      ["2026-10-01", 0],
      ["2026-10-10", 1],
    ]);
    const kept = keptDays(days);
    expect(kept.holidays).toEqual(hours.holidays);
    expect(new Set(kept.overrides)).toEqual(new Set(hours.overrides));
  });

  it("may be holidays on which somebody works for some hours", () => {
    const day = { date: "2026-10-01", labels, spans: [["09:00", "12:00"]] as [string, string][] };
    expect(daysOf(keptDays([day]))).toEqual([day]);
  });

  it("are told where there are two of one date", () => {
    const [day] = daysOf(hours);
    expect(twice(daysOf(hours))).toBeNull();
    expect(twice([day!, ...daysOf(hours)])).toBe("2026-02-01");
  });
});

describe("a moment on the wall", () => {
  it.each([
    ["Asia/Shanghai", "2026-10-01T10:00", "2026-10-01T02:00:00.000Z"],
    ["Europe/Berlin", "2026-07-01T10:00", "2026-07-01T08:00:00.000Z"],
    ["Europe/Berlin", "2026-03-29T03:30", "2026-03-29T01:30:00.000Z"],
    ["America/New_York", "2026-11-01T00:30", "2026-11-01T04:30:00.000Z"],
  ])("is read in the zone %s", (zone, wall, utc) => expect(momentIn(zone, wall).toISOString()).toBe(utc));
});
