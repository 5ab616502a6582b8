import { describe, expect, it } from "vitest";
import type { Schema } from "../../parts/json_form";
import { designOf, isTwice, newChoice, newField, renamed, schemaOf } from "./design";

const named = (zh: string, en: string) => ({ zh, en });

const FORM: Schema = {
  type: "object",
  additionalProperties: false,
  "x-script": named("请问……", "May I ask"),
  required: ["product"],
  properties: {
    product: { type: "string", maxLength: 100, pattern: "^[A-Z]", "x-labels": named("产品", "Product") },
    amount: { type: "number", minimum: 0, "x-labels": named("金额", "Amount") },
    parts: { type: "array", items: { type: "string", enum: ["box", "lid"] }, maxItems: 1 },
    grade: { type: "integer", enum: [1, 2], "x-labels": named("等级", "Grade") },
  },
};

describe("a form's design", () => {
  it("knows names that stand twice", () => {
    const fields = ["a", "b", "a"].map((name) => ({ ...newField(), name }));
    expect(fields.map((one) => isTwice(one, fields, ({ name }) => name))).toEqual([true, false, true]);
  });

  it("has a field for each of the schema's, in its order", () => {
    const { fields, script } = designOf(FORM);
    expect(fields.map(({ name, kind }) => [name, kind])).toEqual([
      ["product", "text"],
      ["amount", "number"],
      ["parts", "choices"],
      ["grade", "other"],
    ]);
    expect(fields[0]).toMatchObject({ required: true, most: 100, kept: true, rest: { pattern: "^[A-Z]" } });
    expect(fields[1]).toMatchObject({ least: 0, most: null, whole: false });
    expect(fields[2]?.choices.map(({ value, labels }) => [value, labels.zh])).toEqual([
      ["box", "box"],
      ["lid", "lid"],
    ]);
    expect(script.en).toBe("May I ask");
  });

  it("is kept as a schema that says the same, also what the designer does not know", () => {
    const schema = schemaOf(designOf(FORM));
    expect(schema).toMatchObject({
      type: "object",
      additionalProperties: false,
      "x-script": FORM["x-script"],
      "x-order": ["product", "amount", "parts", "grade"],
      required: ["product"],
    });
    expect(schema.properties?.product).toEqual(FORM.properties?.product);
    expect(schema.properties?.amount).toEqual(FORM.properties?.amount);
    expect(schema.properties?.grade).toEqual(FORM.properties?.grade);
    expect(schemaOf(designOf(schema))).toEqual(schema);
  });

  it("says what was designed", () => {
    const design = designOf({ type: "object", additionalProperties: false });
    const labels = named("名", "Name");
    const fields = [
      { ...newField(), name: "story", kind: "lines" as const, labels },
      { ...newField(), name: "times", kind: "number" as const, labels, whole: true, least: 1, most: 9 },
      {
        ...newField(),
        name: "why",
        kind: "choice" as const,
        labels,
        required: true,
        hint: named("选", "One"),
        choices: [{ ...newChoice(), value: "late", labels: named("迟", "Late") }],
      },
    ];
    expect(schemaOf({ ...design, fields })).toEqual({
      type: "object",
      additionalProperties: false,
      properties: {
        story: { type: "string", maxLength: 2000, "x-labels": labels },
        times: { type: "integer", minimum: 1, maximum: 9, "x-labels": labels },
        why: {
          type: "string",
          oneOf: [{ const: "late", "x-labels": { zh: "迟", en: "Late" } }],
          "x-labels": labels,
          "x-hint": { zh: "选", en: "One" },
        },
      },
      required: ["why"],
      "x-order": ["story", "times", "why"],
    });
  });

  it("names a new field by its English label until it has a name of its own", () => {
    const field = renamed(newField(), named("单号", "Order number?"));
    expect(field.name).toBe("order_number");
    expect(renamed({ ...field, name: "number" }, named("单号", "Order")).name).toBe("number");
    expect(renamed({ ...field, kept: true }, named("单号", "Order")).name).toBe("order_number");
  });

  it("has no bound that the kind it has become cannot have", () => {
    const field = { ...newField(), name: "story", kind: "text" as const, most: 5000 };
    const kept = schemaOf({ ...designOf({ type: "object" }), fields: [field] }).properties?.story;
    expect(kept).toEqual({ type: "string", "x-labels": { zh: "", en: "" } });
  });
});
