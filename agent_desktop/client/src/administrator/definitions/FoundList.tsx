/** A list too long to read whole: looked for by words and filters, and read page by page. */

import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { Button } from "../../parts/Button";
import { Failure } from "../../parts/Failure";
import { TextField } from "../../parts/Fields";
import { useWords } from "../../words/words";
import { DefinitionTable, ListHead } from "./DefinitionTable";
import type { Kept, Kind, Wanted } from "./kind";

export function FoundList<T extends Kept>({ kind }: { kind: Kind<T> }) {
  const { word } = useWords();
  const [typed, setTyped] = useState<Wanted>({});
  const [wanted, setWanted] = useState<Wanted>({});
  const pages = useInfiniteQuery({
    queryKey: [kind.path, "found", wanted],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => kind.found!(wanted, pageParam),
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  });
  function find(event: FormEvent) {
    event.preventDefault();
    setWanted(typed);
  }
  return (
    <>
      <ListHead kind={kind} />
      <Form className="row filters" role="search" onSubmit={find}>
        <TextField
          name="q"
          label={word("search")}
          value={typed.q ?? ""}
          onChange={(q) => setTyped({ ...typed, q })}
          maxLength={64}
        />
        {kind.Filters && <kind.Filters wanted={typed} onChange={setTyped} />}
        <Button id="find" type="submit">
          {word("search")}
        </Button>
      </Form>
      <Failure of={pages.error} />
      <DefinitionTable
        kind={kind}
        rows={pages.data?.pages.flatMap(({ items }) => items) ?? []}
        isPending={pages.isPending}
      />
      {pages.hasNextPage && (
        <div className="buttons">
          <Button id="more" isDisabled={pages.isFetching} onPress={() => void pages.fetchNextPage()}>
            {word("moreOfThem")}
          </Button>
        </div>
      )}
    </>
  );
}
