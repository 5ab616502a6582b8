import { describe, expect, it } from "vitest";
import { changed, exitRows, exitsOf, freeKey, ruleOf, type Settings } from "./settings";
import { readWay, writtenWay } from "./way";

const BEFORE = {
  name: "service",
  skills: { a: 1, b: 2 },
  ring_for: "PT20S",
  overflow: [{ when: "waited", size: null, time: "PT1M", looked_at: "always", then: "hang_up" }],
  call_backs: { mode: "agent_first", pauses: { busy: "PT5M" } },
} as unknown as Settings;

describe("what is sent of a queue's settings", () => {
  it("is what has changed, each setting as a whole, and never the name", () => {
    expect(changed(BEFORE, { ...BEFORE, name: "other", skills: { b: 2, a: 1 } })).toEqual({});
    const now = { ...BEFORE, ring_for: "PT9S", call_backs: { ...BEFORE.call_backs, attempts: 5 } };
    expect(changed(BEFORE, now)).toEqual({
      ring_for: "PT9S",
      call_backs: { mode: "agent_first", attempts: 5, pauses: { busy: "PT5M" } },
    });
  });

  it("has no null in a row, and rows in their order", () => {
    const [rule] = BEFORE.overflow;
    const more = { ...rule!, then: "call_back" };
    expect(changed(BEFORE, { ...BEFORE, overflow: [more, rule!] })).toEqual({
      overflow: [
        { when: "waited", time: "PT1M", looked_at: "always", then: "call_back" },
        { when: "waited", time: "PT1M", looked_at: "always", then: "hang_up" },
      ],
    });
  });
});

describe("a rule of overflow", () => {
  it("asks for what its kind needs, and for nothing of another one", () => {
    const rule = { when: "size", size: 3, time: null, looked_at: "on_arrival", then: "hang_up" } as const;
    expect(ruleOf(rule, "waited")).toMatchObject({ size: null, time: "PT1M", looked_at: undefined });
    expect(ruleOf(rule, "closed")).toMatchObject({ size: null, time: null, looked_at: "on_arrival" });
    expect(ruleOf({ ...rule, size: null }, "size")).toMatchObject({ size: 10, time: null });
  });
});

describe("ways out", () => {
  it.each(["call_back", "hang_up", "queue:sales", "number:sip:desk@192.0.2.1:5060"])(
    "are read and written alike: %s",
    (text) => expect(writtenWay(readWay(text))).toBe(text),
  );

  it("by keys are rows, each key once", () => {
    const exits = { "1": { then: "hang_up" }, "#": { then: "call_back", say: { en: "Bye" } } };
    expect(exitsOf(exitRows(exits))).toEqual(exits);
    expect(freeKey(exitRows(exits))).toBe("2");
  });
});
