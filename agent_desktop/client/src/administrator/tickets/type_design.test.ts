import { describe, expect, it } from "vitest";
import { keptCondition, newCondition, typedCondition } from "./conditions";
import { type Definition, definitionOf, newType, typeDesignOf } from "./type_design";

const COMPLAINT: Definition = {
  labels: { zh: "投诉", en: "Complaint" },
  prefix: "C",
  queue: "care",
  team: null,
  risk: false,
  needs_reason: true,
  needs_cause: false,
  call_back: { attempts: 2 },
  form: {
    type: "object",
    properties: { claim: { type: "number", "x-labels": { zh: "金额", en: "Claim" } } },
    "x-order": ["claim"],
  },
  flow: {
    initial: "new",
    states: {
      new: { labels: { zh: "新建", en: "New" }, pace: "runs", responded: false, ends: false },
      waiting: { labels: { zh: "等待", en: "Waiting" }, pace: "paused", responded: true, ends: false },
      closed: { labels: { zh: "关闭", en: "Closed" }, pace: "stopped", responded: false, ends: true },
    },
    moves: { new: ["waiting", "closed"], waiting: ["closed"], closed: [] },
  },
  targets: [{ priority: "urgent", tier: null, response: 30, resolution: null }],
  escalation: [
    { clock: "response", percent: 75, tell: [{ rule: "owner" }], hand_to: null, raise_to: "high" },
  ],
  dispatch: { moves: { sent: "waiting", done: "closed" } },
  workflow: [
    {
      name: "agree",
      labels: { zh: "审批", en: "Agree" },
      who: { rule: "role", role: "supervisor" },
      when: [{ field: "form.claim", equals: null, one_of: null, at_least: 100 }],
      due: 240,
      remind: null,
      then_to: { rule: "team", team: "care" },
    },
  ],
};

describe("a type of tickets", () => {
  it("is kept as it was while nothing of it is changed", () => {
    expect(definitionOf(typeDesignOf(COMPLAINT))).toEqual(COMPLAINT);
  });

  it("keeps what refers to a state when the state is called otherwise", () => {
    const design = typeDesignOf(COMPLAINT);
    const states = design.states.map((one) => (one.name === "waiting" ? { ...one, name: "asked" } : one));
    const { flow, dispatch } = definitionOf({ ...design, states });
    expect(flow.moves).toEqual({ new: ["asked", "closed"], asked: ["closed"], closed: [] });
    expect(dispatch).toEqual({ moves: { sent: "asked", done: "closed" } });
  });

  it("forgets what led to a state that is taken away", () => {
    const design = typeDesignOf(COMPLAINT);
    const states = design.states.filter(({ name }) => name !== "waiting");
    const { flow, dispatch } = definitionOf({ ...design, states });
    expect(flow.moves).toEqual({ new: ["closed"], closed: [] });
    expect(dispatch).toEqual({ moves: { done: "closed" } });
    expect(definitionOf({ ...design, states: states.slice(1) }).flow.initial).toBe("");
  });

  it("begins with states from which an end can be reached", () => {
    const { flow } = definitionOf(newType());
    expect(flow.initial).toBe("new");
    expect(flow.moves).toEqual({
      new: ["in_progress", "closed"],
      in_progress: ["closed"],
      closed: ["in_progress"],
    });
    expect(flow.states.closed?.ends).toBe(true);
  });
});

describe("a step's condition", () => {
  const kinds = { risk: "truth", "form.claim": "number" } as const;
  const typed = (field: string, way: "equals" | "one_of" | "at_least", value: string) =>
    keptCondition({ ...newCondition(), field, way, value }, kinds);

  it("is kept as what the field holds", () => {
    expect([
      typed("risk", "equals", "true"),
      typed("form.claim", "equals", "100"),
      typed("tier", "equals", "100"),
      typed("tier", "equals", " "),
      typed("priority", "one_of", "high，urgent, "),
      typed("form.claim", "at_least", "7.5"),
    ]).toEqual([
      { field: "risk", equals: true },
      { field: "form.claim", equals: 100 },
      { field: "tier", equals: "100" },
      { field: "tier", equals: null },
      { field: "priority", one_of: ["high", "urgent"] },
      { field: "form.claim", at_least: 7.5 },
    ]);
  });

  it("is what it was where its field is none any more, until it is changed", () => {
    const was = { field: "form.gone", one_of: [1, "1", null] };
    const before = typedCondition(was);
    expect(keptCondition(before, kinds)).toBe(was);
    expect(keptCondition({ ...before, value: "2" }, kinds)).toEqual({ field: "form.gone", one_of: ["2"] });
  });
});
