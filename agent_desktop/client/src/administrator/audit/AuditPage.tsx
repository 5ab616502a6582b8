/** Who did what to which record. What is looked for stays in the page, not in its address. */

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../parts/Button";
import { Card } from "../../parts/Card";
import { type ColumnOf, DataTable } from "../../parts/DataTable";
import { Failure } from "../../parts/Failure";
import { moment } from "../../parts/time";
import { api, got } from "../../server/rest";
import { useWords } from "../../words/words";
import { AuditEntry } from "./AuditEntry";
import { AuditForm } from "./AuditForm";
import type { Entry, Wanted } from "./wanted";

const AT_ONCE = 50;

export default function AuditPage() {
  const { word, named } = useWords();
  const queries = useQueryClient();
  const [wanted, setWanted] = useState<Wanted>({});
  const [opened, setOpened] = useState<Entry | null>(null);
  const found = useInfiniteQuery({
    queryKey: ["audit", wanted],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      got(
        api.GET("/api/v1/audit", {
          params: { query: { ...wanted, limit: AT_ONCE, after: pageParam } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next ?? undefined,
    staleTime: Number.POSITIVE_INFINITY, // each reading is in the trail: none that nobody asked for
    refetchOnWindowFocus: false,
  });
  const entries = found.data?.pages.flatMap((page) => page.items) ?? [];
  function search(what: Wanted) {
    setWanted(what);
    void queries.invalidateQueries({ queryKey: ["audit", what] });
  }
  const columns: ColumnOf<Entry>[] = [
    { id: "at", label: word("audit.at"), cell: ({ at }) => moment(at) },
    { id: "actor", label: word("audit.actor"), cell: ({ actor }) => actor || word("audit.nobody") },
    { id: "action", label: word("audit.action"), cell: ({ action }) => named("auditAction", action) },
    { id: "record", label: word("audit.record"), cell: ({ record }) => named("auditRecord", record) },
    { id: "id", label: word("audit.recordId"), cell: ({ record_id }) => record_id },
    { id: "number", label: word("audit.sequence"), cell: ({ sequence }) => sequence, number: true },
  ];
  return (
    <>
      <h1>{word("audit.title")}</h1>
      <p className="muted">{word("audit.about")}</p>
      <AuditForm entries={entries} onSearch={search} />
      <Card id="trail" title={word("audit.entries")}>
        <Failure of={found.error} exact />
        <DataTable
          label={word("audit.entries")}
          columns={columns}
          rows={entries}
          idOf={({ sequence }) => String(sequence)}
          empty={word(found.isPending ? "loading" : "audit.none")}
          onOpen={(entry) => setOpened(entry)}
        />
        {found.hasNextPage && (
          <Button onPress={() => void found.fetchNextPage()} isDisabled={found.isFetchingNextPage}>
            {word("moreOfThem")}
          </Button>
        )}
      </Card>
      {opened && <AuditEntry of={opened} onClose={() => setOpened(null)} />}
    </>
  );
}
