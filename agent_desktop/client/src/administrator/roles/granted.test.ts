import { describe, expect, it } from "vitest";
import { granted, matching } from "./granted";
import { en, zh } from "./words";

const ROLES = { agent: ["calls.dial", "stream"], auditor: ["audit.read"], boss: ["audit.read", "stream"] };

describe("the permission matrix", () => {
  const rows = granted(ROLES, (permission) => `May ${permission}`);

  it("has each permission once, with who has it", () => {
    expect(rows.map(({ permission, roles }) => [permission, roles])).toEqual([
      ["audit.read", ["auditor", "boss"]],
      ["calls.dial", ["agent"]],
      ["stream", ["agent", "boss"]],
    ]);
  });

  it("is searched by all of the words, wherever they stand", () => {
    expect(matching(rows, "MAY dial").map(({ permission }) => permission)).toEqual(["calls.dial"]);
    expect(matching(rows, " ")).toHaveLength(3);
    expect(matching(rows, "dial read")).toEqual([]);
  });

  it("says what each permission is in both languages", () => {
    const named = (words: object) => Object.keys(words).filter((key) => key.startsWith("mayDo."));
    expect(named(en).length).toBeGreaterThan(80);
    expect(named(zh)).toEqual(named(en));
  });
});
