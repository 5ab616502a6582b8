/** What can be looked up for the agent's own eyes, with what was found as a table. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Found, Parameters } from "../../desk/queries";
import { Empty } from "../../parts/Card";
import { type ColumnOf, DataTable } from "../../parts/DataTable";
import { Failure } from "../../parts/Failure";
import { useDone } from "../../parts/useDone";
import { api, got } from "../../server/rest";
import type { ScreenPop } from "../../server/told";
import { inLanguage, useWords } from "../../words/words";
import { LookUp } from "../LookUp";
import { shown } from "../values";

export function QueryPanel({ pop }: { pop: ScreenPop | null }) {
  const { word } = useWords();
  const contact = pop?.contact_id;
  const offered = useQuery({
    queryKey: ["queries", contact],
    queryFn: () => got(api.GET("/api/v1/queries", { params: { query: { contact_id: contact } } })),
  });
  const { failure, attempt } = useDone();
  const [found, setFound] = useState<Found | null>(null);
  function ask(query: string, parameters: Parameters) {
    const params = { path: { query_id: query } };
    const body = { parameters, contact_id: contact ?? null };
    void attempt(async () =>
      setFound(await got(api.POST("/api/v1/queries/{query_id}/run", { params, body }))),
    );
  }
  if (offered.isPending) return <Empty>{word("loading")}</Empty>;
  return (
    <div className="stack" id="queries">
      <Failure of={offered.error ?? failure} />
      {offered.data?.length ? (
        <LookUp name="panel" queries={offered.data} onAsk={ask} />
      ) : (
        !offered.error && <Empty>{word("noQueries")}</Empty>
      )}
      {found && <Rows found={found} />}
    </div>
  );
}

function Rows({ found }: { found: Found }) {
  const { word } = useWords();
  const rows = found.rows.map((values, number) => ({ number, values }));
  const columns: ColumnOf<(typeof rows)[number]>[] = found.columns.map(({ name, labels }, place) => ({
    id: name,
    label: inLanguage({ ...labels }),
    cell: ({ values }) => shown(values[place]),
    by: ({ values }) => sortable(values[place]),
  }));
  return (
    <>
      <DataTable
        label={word("queries")}
        columns={columns}
        rows={rows}
        idOf={({ number }) => String(number)}
        empty={word("nothingFound")}
      />
      {found.more && <p className="muted">{word("moreRows")}</p>}
    </>
  );
}

function sortable(value: unknown): string | number | null {
  if (typeof value === "number") return value;
  return value === null || value === undefined ? null : shown(value);
}
