import { describe, expect, it } from "vitest";
import { searchOf } from "./search";

describe("a search of recordings", () => {
  it("asks for what was typed only, in the kinds that the server has", () => {
    const form = new Map([
      ["number", " 138 "],
      ["queue", ""],
      ["shortest", "30"],
      ["since", "2026-11-01T08:00"],
    ]);
    const wanted = searchOf({ get: (name) => form.get(name) ?? null });
    expect(wanted).toEqual({
      number: "138",
      shortest: 30,
      since: new Date("2026-11-01T08:00").toISOString(),
    });
  });
});
