import { describe, expect, it } from "vitest";
import { sent, to } from "./destination";

describe("where a number leads", () => {
  it("is a flow, without a language, or a queue", () => {
    expect(to("flow", "main", "zh")).toEqual({ flow: "main" });
    expect(to("queue", "sales", "zh")).toEqual({ queue: "sales", language: "zh" });
    expect(to("queue", "sales", "")).toEqual({ queue: "sales", language: null });
  });

  it("is sent without what is empty, in its rules too", () => {
    const rule = { caller: "+852", original: "", flow: null, queue: "sales", language: null };
    expect(sent({ flow: "main", queue: null, language: null, when: [rule] })).toEqual({
      flow: "main",
      when: [{ caller: "+852", queue: "sales" }],
    });
    expect(sent({ queue: "sales" })).toEqual({ queue: "sales", when: [] });
  });
});
