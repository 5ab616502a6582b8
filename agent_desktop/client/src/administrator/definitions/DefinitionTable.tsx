/** A list of definitions: its name, the way to a new one, and its rows. */

import { useNavigate } from "react-router";
import { Button } from "../../parts/Button";
import { DataTable } from "../../parts/DataTable";
import { useWords } from "../../words/words";
import type { Kept, Kind } from "./kind";

export function ListHead<T extends Kept>({ kind }: { kind: Kind<T> }) {
  const { word } = useWords();
  const navigate = useNavigate();
  return (
    <div className="page-head">
      <h1>{word(kind.title)}</h1>
      <span className="gap" />
      {kind.add && (
        <Button id="add" look="primary" onPress={() => void navigate("new")}>
          {word(kind.add)}
        </Button>
      )}
    </div>
  );
}

interface DefinitionTableProps<T extends Kept> {
  kind: Kind<T>;
  rows: readonly T[];
  isPending: boolean;
}

export function DefinitionTable<T extends Kept>({ kind, rows, isPending }: DefinitionTableProps<T>) {
  const { word } = useWords();
  const navigate = useNavigate();
  return (
    <DataTable
      label={word(kind.title)}
      columns={kind.columns()}
      rows={rows}
      idOf={(one) => one.id}
      empty={word(isPending ? "loading" : kind.empty)}
      onOpen={(one) => void navigate(`of/${encodeURIComponent(one.id)}`)}
    />
  );
}
