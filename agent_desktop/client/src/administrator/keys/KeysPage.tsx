/** What other systems use the API with: made, looked at, revoked. None is changed. */

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../parts/Button";
import { type ColumnOf, DataTable } from "../../parts/DataTable";
import { Failure } from "../../parts/Failure";
import { moment } from "../../parts/time";
import { serverNow } from "../../server/clock";
import { api, got } from "../../server/rest";
import { useWords } from "../../words/words";
import { KeyDrawer } from "./KeyDrawer";
import { KeyState } from "./KeyState";
import { type ApiKey, stateOf } from "./key";
import { NewKey } from "./NewKey";
import "./keys.css";

const AT_ONCE = 100;

export default function KeysPage() {
  const { word } = useWords();
  const queries = useQueryClient();
  const [opened, setOpened] = useState("");
  const [making, setMaking] = useState(false);
  const found = useInfiniteQuery({
    queryKey: ["api-keys"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      got(api.GET("/api/v1/api-keys", { params: { query: { limit: AT_ONCE, after: pageParam } } })),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const keys = found.data?.pages.flatMap(({ items }) => items) ?? [];
  const one = keys.find(({ id }) => id === opened);
  const readAgain = () => void queries.invalidateQueries({ queryKey: ["api-keys"] });
  const columns: ColumnOf<ApiKey>[] = [
    { id: "name", label: word("definition.name"), cell: ({ name }) => name, by: ({ name }) => name },
    {
      id: "state",
      label: word("keys.state"),
      cell: (key) => <KeyState of={key} />,
      by: (key) => stateOf(key, serverNow()),
    },
    { id: "scopes", label: word("keys.scopes"), cell: ({ scopes }) => scopes.length, number: true },
    {
      id: "expires",
      label: word("keys.expires"),
      cell: ({ expires_at }) => moment(expires_at),
      by: ({ expires_at }) => expires_at,
    },
    {
      id: "used",
      label: word("keys.lastUsed"),
      cell: ({ last_used_at }) => moment(last_used_at) || word("keys.never"),
      by: ({ last_used_at }) => last_used_at,
    },
    { id: "id", label: word("id"), cell: ({ id }) => <code>{id}</code> },
  ];
  return (
    <>
      <div className="page-head">
        <h1>{word("keys.title")}</h1>
        <span className="gap" />
        <Button id="add" look="primary" onPress={() => setMaking(true)}>
          {word("keys.add")}
        </Button>
      </div>
      <p className="muted">{word("keys.what")}</p>
      <Failure of={found.error} />
      <DataTable
        label={word("keys.title")}
        columns={columns}
        rows={keys}
        idOf={({ id }) => id}
        empty={word(found.isPending ? "loading" : "keys.none")}
        onOpen={({ id }) => setOpened(id)}
      />
      {found.hasNextPage && (
        <div className="buttons">
          <Button isDisabled={found.isFetching} onPress={() => void found.fetchNextPage()}>
            {word("moreOfThem")}
          </Button>
        </div>
      )}
      {one && <KeyDrawer of={one} onRevoked={readAgain} onClose={() => setOpened("")} />}
      {making && <NewKey onClose={() => setMaking(false)} onMade={readAgain} />}
    </>
  );
}
