import { describe, expect, it } from "vitest";
import { begun, fieldsOf, filled, missing, type Schema } from "./json_form";

const FORM: Schema = {
  type: "object",
  required: ["why", "times"],
  properties: {
    why: {
      type: "string",
      "x-labels": { zh: "原因", en: "Reason" },
      oneOf: [
        { const: "late", "x-labels": { zh: "迟到", en: "Late" } },
        { const: "lost", title: "Lost" },
      ],
    },
    times: { type: "integer", minimum: 1 },
    on: { type: "string", format: "date" },
    at: { type: "string", format: "date-time" },
    angry: { type: "boolean" },
    story: { type: "string", maxLength: 2000, "x-script": { zh: "请讲", en: "Please tell" } },
    parts: { type: "array", items: { enum: ["box", "cable"] } },
  },
};

describe("a form of a JSON Schema", () => {
  const fields = fieldsOf(FORM);

  it("has a field of its own for each kind of value", () => {
    expect(fields.map(({ name, kind }) => [name, kind])).toEqual([
      ["why", "choice"],
      ["times", "number"],
      ["on", "date"],
      ["at", "moment"],
      ["angry", "truth"],
      ["story", "lines"],
      ["parts", "choices"],
    ]);
    expect(fields[0]?.choices).toEqual([
      { value: "late", labels: { zh: "迟到", en: "Late" } },
      { value: "lost", labels: { en: "Lost" } },
    ]);
    expect(fields[5]?.script).toEqual({ zh: "请讲", en: "Please tell" });
  });

  it("is in the order that it says", () => {
    expect(
      fieldsOf({ ...FORM, "x-order": ["times", "why"] })
        .map(({ name }) => name)
        .slice(0, 2),
    ).toEqual(["times", "why"]);
    const numbered = { properties: { a: { "x-order": 2 }, b: { "x-order": 1 } } };
    expect(fieldsOf(numbered).map(({ name }) => name)).toEqual(["b", "a"]);
  });

  it("sends values of the schema's types and leaves out what is empty", () => {
    const typed = { why: "late", times: " 3 ", on: "2026-11-23", angry: false, story: "  ", parts: [] };
    expect(filled(fields, typed)).toEqual({ why: "late", times: 3, on: "2026-11-23", angry: false });
    expect(filled(fields, { times: "three" })).toEqual({ times: "three" });
  });

  it("knows what has to be filled in still", () => {
    expect(missing(fields, { times: 1 })).toEqual(["why"]);
    expect(missing(fields, { why: "late", times: "0" })).toEqual([]);
  });

  it("begins with what is known, else with the defaults", () => {
    const some = fieldsOf({ properties: { a: { default: "x" }, b: { default: "y" }, c: {} } });
    expect(begun(some, { b: "known", z: "of another form" })).toEqual({ a: "x", b: "known" });
  });
});
