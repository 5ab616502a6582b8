import { describe, expect, it } from "vitest";
import { AREAS } from "./areas";
import * as english from "./en";
import * as chinese from "./zh";

type Spoken = Record<string, string>;
const common = { en: english.en as Spoken, zh: chinese.zh as Spoken };
const ALL: [string, { en: Spoken; zh: Spoken }][] = [["common", common], ...Object.entries(AREAS)];

/** What the sources of each area say, without the tests. */
const SOURCES = import.meta.glob<string>(["../**/*.{ts,tsx}", "!../**/*.test.ts", "!../generated/**"], {
  query: "?raw",
  import: "default",
  eager: true,
});

describe.each(ALL)("the words: %s", (_, { en, zh }) => {
  it("have the same places for values in both languages", () => {
    const places = (text = "") => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();
    for (const [key, text] of Object.entries(en)) expect(places(zh[key]), key).toEqual(places(text));
  });

  it("are not empty, and Chinese where they are Chinese", () => {
    expect(Object.keys(zh)).toEqual(expect.arrayContaining(Object.keys(en)));
    const untranslated = Object.entries(zh).filter(
      ([key, text]) => text === en[key] && /[a-z]{4}/.test(text),
    );
    expect(untranslated).toEqual([]);
  });
});

describe("an area's words", () => {
  it("are in one place: another area, or all pages, do not have the same", () => {
    const keys = ALL.flatMap(([, { en }]) => Object.keys(en));
    expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
  });

  it("are there where they are said: with their area, or on every page", () => {
    expect(Object.keys(SOURCES).length).toBeGreaterThan(100);
    const missing = Object.entries(SOURCES).flatMap(([path, text]) => {
      const folder = path.split("/")[1] ?? "";
      const own = ALL.find(([name]) => name === folder)?.[1].en ?? {};
      const others = ALL.filter(([name]) => name !== folder && name !== "common").flatMap(([, { en }]) =>
        Object.keys(en),
      );
      return [...said(text)]
        .filter((key) => !(key in own) && !(key in common.en) && others.includes(key))
        .concat([...kinds(text)].flatMap((kind) => others.filter((key) => key.startsWith(`${kind}.`))))
        .map((key) => `${path}: ${key}`);
    });
    expect(missing).toEqual([]);
  });
});

/** Every text in the arguments of `word(…)`. */
function* said(text: string): Generator<string> {
  for (const [, given] of text.matchAll(/\bword\(([^()]*)/g))
    for (const [, key] of given?.matchAll(/"([\w.-]+)"/g) ?? []) yield key ?? "";
}

/** The kinds of names that are translated. */
function* kinds(text: string): Generator<string> {
  for (const [, kind] of text.matchAll(/\bnamed\(\s*"(\w+)"/g)) yield kind ?? "";
  for (const [, kind] of text.matchAll(/\bword\(`(\w+)\./g)) yield kind ?? "";
}
