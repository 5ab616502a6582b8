/** What callers hear, text by text: who says it, and the studio's recording in place of the voice. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../parts/Button";
import { Card, Pill } from "../../parts/Card";
import { type ColumnOf, DataTable } from "../../parts/DataTable";
import { Failure } from "../../parts/Failure";
import { Select, TextField } from "../../parts/Fields";
import { api, got, type Schemas } from "../../server/rest";
import { useWords } from "../../words/words";
import { PromptDrawer } from "./PromptDrawer";
import "./prompts.css";

export type Prompt = Schemas["PromptView"];

const AT_ONCE = 100;
const ANY = "any";

export default function PromptsPage() {
  const { word, named } = useWords();
  const [typed, setTyped] = useState("");
  const [text, setText] = useState("");
  const [language, setLanguage] = useState(ANY);
  const [whose, setWhose] = useState(ANY);
  const [opened, setOpened] = useState<string | null>(null);
  const about = useQuery({
    queryKey: ["about"],
    queryFn: () => got(api.GET("/api/v1/about")),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const wanted = {
    text: text || undefined,
    language: language === ANY ? undefined : language,
    missing: whose === ANY ? undefined : whose === "voice",
  };
  const found = useInfiniteQuery({
    queryKey: ["prompts", wanted],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      got(
        api.GET("/api/v1/prompts", {
          params: { query: { ...wanted, limit: AT_ONCE, after: pageParam } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const prompts = found.data?.pages.flatMap((page) => page.items) ?? [];
  const one = prompts.find(({ id }) => id === opened);
  function search(event: FormEvent) {
    event.preventDefault();
    setText(typed.trim());
  }
  const columns: ColumnOf<Prompt>[] = [
    {
      id: "text",
      label: word("prompts.text"),
      cell: ({ text, language }) => <span lang={language}>{text}</span>,
    },
    { id: "language", label: word("language"), cell: ({ language }) => named("spoken", language) },
    { id: "source", label: word("prompts.source"), cell: ({ source }) => <Source of={source} /> },
    { id: "used", label: word("prompts.usedBy"), cell: ({ used_by }) => used_by.join(" · ") },
  ];
  return (
    <>
      <h1>{word("prompts.title")}</h1>
      <form className="card row" onSubmit={search}>
        <TextField name="text" label={word("prompts.search")} value={typed} onChange={setTyped} />
        <Select
          label={word("language")}
          value={language}
          onChange={setLanguage}
          options={[
            { id: ANY, label: word("prompts.any") },
            ...(about.data?.languages ?? []).map((each) => ({ id: each, label: named("spoken", each) })),
          ]}
        />
        <Select
          label={word("prompts.source")}
          value={whose}
          onChange={setWhose}
          options={[
            { id: ANY, label: word("prompts.any") },
            { id: "voice", label: word("prompts.notRecorded") },
            { id: "studio", label: word("promptSource.studio") },
          ]}
        />
        <Button id="prompts-search" type="submit" look="primary">
          {word("search")}
        </Button>
      </form>
      <Card id="prompts" title={word("prompts.texts")}>
        <Failure of={found.error} exact />
        <DataTable
          label={word("prompts.texts")}
          columns={columns}
          rows={prompts}
          idOf={({ id }) => id}
          empty={word(found.isPending ? "loading" : "prompts.none")}
          onOpen={({ id }) => setOpened(id)}
        />
        {found.hasNextPage && (
          <Button onPress={() => void found.fetchNextPage()} isDisabled={found.isFetchingNextPage}>
            {word("moreOfThem")}
          </Button>
        )}
      </Card>
      {one && <PromptDrawer key={one.id} of={one} onClose={() => setOpened(null)} />}
    </>
  );
}

export function Source({ of }: { of: Prompt["source"] }) {
  const { named } = useWords();
  return <Pill kind={of === "studio" ? "good" : "plain"}>{named("promptSource", of)}</Pill>;
}
