import { describe, expect, it } from "vitest";
import { kept, newCondition, typed } from "./conditions";

const condition = (field: string, comparison: "is" | "has" | "at_least", value: string) => ({
  ...newCondition(),
  field,
  comparison,
  value,
});
const TYPES = { "attributes.vip": "boolean", "attributes.debt": "money" };
const meant = (...typed: Parameters<typeof condition>) => kept(condition(...typed), TYPES).value;

describe("a condition", () => {
  it("has the type of what it looks at", () => {
    expect(meant("open_tickets", "at_least", " 2 ")).toBe(2);
    expect(meant("contacts", "is", "0")).toBe(0);
    expect(meant("attributes.debt", "is", "9.5")).toBe(9.5);
    expect(meant("attributes.vip", "is", "true")).toBe(true);
    expect(meant("tier", "is", "1")).toBe("1");
  });

  it("has one value, or several with commas of either kind between them", () => {
    expect(meant("tier", "is", "gold")).toBe("gold");
    expect(meant("tags", "has", "new, lost，angry")).toEqual(["new", "lost", "angry"]);
  });

  it("leaves what is no number to the server, which says so", () => {
    expect(meant("open_tickets", "at_least", "many")).toBe("many");
    expect(meant("open_tickets", "at_least", "")).toBe("");
  });

  it("reads as it was typed", () => {
    expect(typed({ field: "tags", comparison: "has", value: ["a", "b"] })).toMatchObject({ value: "a, b" });
    expect(typed({ field: "attributes.vip", comparison: "is", value: true })).toMatchObject({
      value: "true",
    });
  });
});
