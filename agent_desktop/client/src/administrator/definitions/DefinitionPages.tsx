/** A kind of definitions: its list, and the page of each. */

import { useQuery } from "@tanstack/react-query";
import { Route, Routes } from "react-router";
import { Failure } from "../../parts/Failure";
import { DefinitionPage } from "./DefinitionPage";
import { DefinitionTable, ListHead } from "./DefinitionTable";
import { FoundList } from "./FoundList";
import type { Kept, Kind } from "./kind";
import { listOf } from "./list";

export function DefinitionPages<T extends Kept>({ kind }: { kind: Kind<T> }) {
  return (
    <Routes>
      <Route index element={kind.found ? <FoundList kind={kind} /> : <DefinitionList kind={kind} />} />
      <Route path="new" element={<DefinitionPage key="new" kind={kind} isNew />} />
      <Route path="of/:id" element={<DefinitionPage key="one" kind={kind} />} />
    </Routes>
  );
}

function DefinitionList<T extends Kept>({ kind }: { kind: Kind<T> }) {
  const all = useQuery(listOf(kind));
  return (
    <>
      <ListHead kind={kind} />
      <Failure of={all.error} />
      <DefinitionTable kind={kind} rows={all.data ?? []} isPending={all.isPending} />
    </>
  );
}
