import { describe, expect, it } from "vitest";
import { type Entry, linesOf, seen, wantedOf } from "./wanted";

function typed(fields: Record<string, string>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

const entry = (actor: string, action: string): Entry => ({
  sequence: 1,
  event_sequence: 1,
  at: "2026-11-22T08:00:00Z",
  actor,
  action,
  record: "skill",
  record_id: "x",
  details: {},
  hash: "",
});

describe("wantedOf", () => {
  it("leaves out what is empty, and tells moments with their zone", () => {
    const since = "2026-11-22T08:30";
    expect(wantedOf(typed({ actor: " li ", action: "", record: "skill", since }))).toEqual({
      actor: "li",
      record: "skill",
      since: new Date(since).toISOString(),
    });
  });
});

describe("seen", () => {
  it("has each once, and nobody not at all", () => {
    const entries = [entry("sun", "updated"), entry("", "read"), entry("li", "updated")];
    expect(seen(entries, "actor")).toEqual(["li", "sun"]);
    expect(seen(entries, "action")).toEqual(["read", "updated"]);
  });
});

describe("linesOf", () => {
  it("writes lists in a line, and says what is not there", () => {
    expect(linesOf({ fields: ["labels", "level"], before: null, of: { zh: "一" }, count: 2 })).toEqual([
      ["fields", "labels, level"],
      ["before", "—"],
      ["of", '{"zh":"一"}'],
      ["count", "2"],
    ]);
  });
});
