import { describe, expect, it } from "vitest";
import { en } from "./en";
import { zh } from "./zh";

describe("words", () => {
  it("have the same places for values in both languages", () => {
    const places = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();
    for (const [key, text] of Object.entries(en))
      expect(places(zh[key as keyof typeof en]), key).toEqual(places(text));
  });

  it("are not empty, and Chinese where they are Chinese", () => {
    expect(Object.keys(zh)).toEqual(expect.arrayContaining(Object.keys(en)));
    const untranslated = Object.entries(zh).filter(
      ([key, text]) => text === en[key as keyof typeof en] && /[a-z]{4}/.test(text),
    );
    expect(untranslated).toEqual([]);
  });
});
