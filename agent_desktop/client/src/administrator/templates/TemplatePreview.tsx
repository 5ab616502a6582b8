/** What becomes of a draft with its examples, as it is written. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Failure } from "../../parts/Failure";
import { api, got, type Schemas } from "../../server/rest";
import { useWords } from "../../words/words";
import { draftOf } from "./draft";

type Content = Schemas["TemplateView"]["definition"];
type Rendered = Schemas["RenderedTemplate"];

const LANGUAGES = ["zh", "en"] as const;
const SETTLED = 500; // ms without a change

export function TemplatePreview({ definition }: { definition: Content }) {
  const { word } = useWords();
  const draft = draftOf(definition);
  const settled = useSettled(JSON.stringify(draft));
  const asked = JSON.parse(settled) as Content | null;
  const tried = useQuery({
    queryKey: ["templates", "preview", settled],
    enabled: asked !== null,
    placeholderData: keepPreviousData,
    retry: false,
    queryFn: () => got(api.POST("/api/v1/templates/preview", { body: { definition: asked! } })),
  });
  const found = draft && asked && !tried.error ? tried.data : null;
  return (
    <section id="template-preview" aria-label={word("templates.preview")}>
      <h2>{word("templates.preview")}</h2>
      {!draft && <p className="empty">{word("templates.notWhole")}</p>}
      <Failure of={draft && asked && tried.error} exact />
      {found?.wrong && (
        <p className="muted" role="status">
          {word("templates.wrong")}{" "}
          <span lang="en">
            {found.wrong.field}: {found.wrong.rule}
          </span>
        </p>
      )}
      {found && (
        <div className="row">
          {LANGUAGES.map((language) => {
            const text = found.rendered[language];
            return text && <RenderedText key={language} language={language} text={text} />;
          })}
        </div>
      )}
    </section>
  );
}

function RenderedText({ language, text }: { language: "zh" | "en"; text: Rendered }) {
  const { word, named } = useWords();
  return (
    <article className="rendered">
      <h3>{named("templateLanguage", language)}</h3>
      {text.subject && <strong lang={language}>{text.subject}</strong>}
      <p lang={language}>{text.body}</p>
      {text.over_the_air && (
        <p className="muted">
          {word("templates.parts", { parts: text.over_the_air.parts })}
          {text.over_the_air.coding === "gsm" ? " · GSM-7" : " · UCS-2"}
        </p>
      )}
    </article>
  );
}

function useSettled(now: string): string {
  const [settled, setSettled] = useState(now);
  useEffect(() => {
    const waiting = setTimeout(() => setSettled(now), SETTLED);
    return () => clearTimeout(waiting);
  }, [now]);
  return settled;
}
