import { describe, expect, it } from "vitest";
import { kindOf, sent, to } from "./destination";

describe("where a number leads", () => {
  it("is a flow, without a language, or a queue", () => {
    expect(to("flow", "main", "zh")).toEqual({ flow: "main" });
    expect(to("queue", "sales", "zh")).toEqual({ queue: "sales", language: "zh" });
    expect(to("queue", "sales", "")).toEqual({ queue: "sales", language: null });
  });

  it("may be a fax machine, and a queue whose agents get what comes", () => {
    expect(to("fax", "sales", "zh")).toEqual({ queue: "sales", fax: true });
    expect([to("fax", "sales"), to("queue", "sales"), to("flow", "main")].map(kindOf)).toEqual([
      "fax",
      "queue",
      "flow",
    ]);
    expect(sent({ queue: "sales", fax: false })).toEqual({ queue: "sales", when: [] });
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
