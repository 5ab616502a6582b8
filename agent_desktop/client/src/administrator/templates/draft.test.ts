import { describe, expect, it } from "vitest";
import { draftOf } from "./draft";

const WHOLE = {
  labels: { zh: "账单", en: "Bill" },
  channel: "sms" as const,
  subject: null,
  body: { zh: "{{ due }}", en: "{{ due }}" },
  variables: [{ name: "due", type: "money" as const, example: 2 }],
};

describe("a draft of a template", () => {
  it("is asked about when its texts and values are written, whatever it is called", () => {
    expect(draftOf(WHOLE)).toEqual(WHOLE);
    expect(draftOf({ ...WHOLE, labels: { zh: "", en: " " } })?.labels).toEqual({ zh: "-", en: "-" });
  });

  it("is not asked about while something is still to be written", () => {
    const [due] = WHOLE.variables;
    const unfinished = [
      { body: { zh: "好", en: " " } },
      { channel: "email" as const, subject: { zh: "主题", en: "" } },
      { variables: [{ ...due!, name: "" }] },
      { variables: [{ ...due!, name: "Due" }] },
      { variables: [{ ...due!, example: "" }] },
      { variables: [due!, due!] },
      { variables: [{ ...due!, name: "loop" }] },
    ];
    expect(unfinished.map((change) => draftOf({ ...WHOLE, ...change }))).toEqual(unfinished.map(() => null));
  });
});
