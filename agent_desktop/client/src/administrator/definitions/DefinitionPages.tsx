/** A kind of definitions: its list, and the page of each. */

import { useQuery } from "@tanstack/react-query";
import { Route, Routes, useNavigate } from "react-router";
import { Button } from "../../parts/Button";
import { DataTable } from "../../parts/DataTable";
import { Failure } from "../../parts/Failure";
import { useWords } from "../../words/words";
import { DefinitionPage } from "./DefinitionPage";
import type { Kept, Kind } from "./kind";

export function DefinitionPages<T extends Kept>({ kind }: { kind: Kind<T> }) {
  return (
    <Routes>
      <Route index element={<DefinitionList kind={kind} />} />
      <Route path="new" element={<DefinitionPage key="new" kind={kind} isNew />} />
      <Route path="of/:id" element={<DefinitionPage key="one" kind={kind} />} />
    </Routes>
  );
}

function DefinitionList<T extends Kept>({ kind }: { kind: Kind<T> }) {
  const { word } = useWords();
  const navigate = useNavigate();
  const all = useQuery({ queryKey: [kind.path], queryFn: () => kind.list() });
  return (
    <>
      <div className="page-head">
        <h1>{word(kind.title)}</h1>
        <span className="gap" />
        {kind.add && (
          <Button id="add" look="primary" onPress={() => void navigate("new")}>
            {word(kind.add)}
          </Button>
        )}
      </div>
      <Failure of={all.error} />
      <DataTable
        label={word(kind.title)}
        columns={kind.columns()}
        rows={all.data ?? []}
        idOf={(one) => one.id}
        empty={word(all.isPending ? "loading" : kind.empty)}
        onOpen={(one) => void navigate(`of/${encodeURIComponent(one.id)}`)}
      />
    </>
  );
}
