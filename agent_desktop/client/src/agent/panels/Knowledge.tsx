/** What the agent had best read now: suggested for the contact, or looked for; and whether it was of use. */

import { useQuery } from "@tanstack/react-query";
import { ThumbsDown, ThumbsUp } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "../../parts/Button";
import { Failure } from "../../parts/Failure";
import { TextField } from "../../parts/Fields";
import { Listed } from "../../parts/Listed";
import { useDone } from "../../parts/useDone";
import { api, got, type Schemas } from "../../server/rest";
import type { ScreenPop } from "../../server/told";
import { inLanguage, useWords } from "../../words/words";

export function Knowledge({ pop }: { pop: ScreenPop | null }) {
  const { word, named } = useWords();
  const [wanted, setWanted] = useState("");
  const [read, setRead] = useState<string | null>(null);
  const suggested = useQuery({
    queryKey: ["suggestions", pop?.contact_id],
    enabled: pop !== null && !wanted,
    queryFn: () =>
      got(
        api.GET("/api/v1/articles/suggestions", {
          params: { query: { contact_id: pop?.contact_id, queue: pop?.queue } },
        }),
      ),
  });
  const found = useQuery({
    queryKey: ["articles", wanted],
    enabled: wanted !== "",
    queryFn: () => got(api.GET("/api/v1/articles/search", { params: { query: { words: wanted } } })),
  });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setWanted(String(new FormData(event.currentTarget).get("words") ?? "").trim());
  }
  if (read) return <Article key={read} id={read} contact={pop?.contact_id} onClose={() => setRead(null)} />;
  return (
    <div className="stack" id="knowledge">
      <form className="row" onSubmit={submit}>
        <div className="gap">
          <TextField
            name="words"
            type="search"
            label={word("searchKnowledge")}
            defaultValue={wanted}
            autoComplete="off"
          />
        </div>
        <Button type="submit">{word("search")}</Button>
      </form>
      {wanted ? (
        <Listed of={found} empty={word("nothingFound")} idOf={(one) => one.id + one.language}>
          {(one) => (
            <>
              <Button look="quiet" onPress={() => setRead(one.id)}>
                {one.title}
              </Button>
              <p className="muted">
                {one.snippet.map((part, place) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text have nothing but their places
                  <span key={place}>{part.hit ? <mark>{part.text}</mark> : part.text}</span>
                ))}
              </p>
            </>
          )}
        </Listed>
      ) : (
        pop && (
          <Listed of={suggested} empty={word("nothingSuggested")} idOf={(one) => one.id}>
            {(one) => (
              <>
                <Button look="quiet" onPress={() => setRead(one.id)}>
                  {inLanguage(one.titles)}
                </Button>{" "}
                <span className="muted">
                  {one.reasons.map((reason) => named("suggested", reason)).join(" · ")}
                </span>
              </>
            )}
          </Listed>
        )
      )}
    </div>
  );
}

interface ArticleProps {
  id: string;
  contact: string | undefined;
  onClose(): void;
}

function Article({ id, contact, onClose }: ArticleProps) {
  const { word, language } = useWords();
  const params = { path: { article_id: id } };
  const article = useQuery({
    queryKey: ["article", id],
    queryFn: () =>
      got(
        api.GET("/api/v1/articles/{article_id}", { params: { ...params, query: { contact_id: contact } } }),
      ),
  });
  const { busy, failure, attempt } = useDone();
  const [said, setSaid] = useState<boolean | null>(null);
  async function vote(useful: boolean) {
    const body = { useful };
    if (await attempt(() => got(api.PUT("/api/v1/articles/{article_id}/vote", { params, body }))))
      setSaid(useful);
  }
  const text = article.data && textOf(article.data.content.texts, language);
  return (
    <article className="stack" id="article">
      <div className="buttons">
        <Button onPress={onClose}>{word("back")}</Button>
        <span className="gap" />
        <Button
          aria-label={word("useful")}
          aria-pressed={said === true}
          isDisabled={busy}
          onPress={() => void vote(true)}
        >
          <ThumbsUp />
        </Button>
        <Button
          aria-label={word("useless")}
          aria-pressed={said === false}
          isDisabled={busy}
          onPress={() => void vote(false)}
        >
          <ThumbsDown />
        </Button>
      </div>
      <Failure of={article.error ?? failure} />
      {article.isPending && <p className="empty">{word("loading")}</p>}
      {text && (
        <>
          <h3>{text.title}</h3>
          <div className="text">{text.body}</div>
        </>
      )}
    </article>
  );
}

function textOf(texts: Schemas["ArticleTexts"], language: "zh" | "en") {
  return texts[language] ?? texts.zh ?? texts.en ?? null;
}
