import { describe, expect, it } from "vitest";
import { type ApiKey, endOf, stateOf, usualDay } from "./key";

const KEY = { expires_at: "2027-01-01T00:00:00Z", revoked_at: null } as ApiKey;
const NEW_YEAR = Date.parse("2027-01-01T00:00:00Z");

describe("a key", () => {
  it("opens something until it expires or is revoked", () => {
    expect(stateOf(KEY, NEW_YEAR - 1)).toBe("live");
    expect(stateOf(KEY, NEW_YEAR)).toBe("expired");
    expect(stateOf({ ...KEY, revoked_at: "2026-12-01T00:00:00Z" }, NEW_YEAR - 1)).toBe("revoked");
  });

  it("holds until its last day is over, by the clock of who made it", () => {
    const end = new Date(endOf("2027-03-04"));
    expect([end.getFullYear(), end.getMonth(), end.getDate(), end.getHours(), end.getMinutes()]).toEqual([
      2027, 2, 4, 23, 59,
    ]);
  });

  it("holds for a year if nobody says otherwise", () => {
    expect(usualDay(new Date(2026, 10, 3, 12).getTime())).toBe("2027-11-03");
  });
});
