/** When there is enough of a template to ask what becomes of it. Pure. */

import type { Schemas } from "../../server/rest";

type Content = Schemas["TemplateView"]["definition"];
type Variable = NonNullable<Content["variables"]>[number];

const NAME = /^[a-z][a-z0-9_]{0,63}$/;

/** Null while something of it is still to be written; what it is called matters not yet. */
export function draftOf(definition: Content): Content | null {
  const { labels, subject, body, variables = [] } = definition;
  const names = new Set(variables.map(({ name }) => name));
  const texts = [body.zh, body.en, ...(subject ? [subject.zh, subject.en] : [])];
  const whole = texts.every((text) => text.trim()) && variables.every(isWhole);
  if (!whole || names.size < variables.length || names.has("loop")) return null;
  return { ...definition, labels: { zh: labels.zh.trim() || "-", en: labels.en.trim() || "-" } };
}

function isWhole({ name, example }: Variable): boolean {
  return NAME.test(name) && (typeof example !== "string" || example.trim() !== "");
}
