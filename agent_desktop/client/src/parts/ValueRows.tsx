/** Rows of plain values: each is the same one, wherever it is moved, for as long as it stands here. */

import { type ReactNode, useState } from "react";
import { useWords } from "../words/words";
import { type Keyed, newKey } from "./keyed";
import { Rows } from "./Rows";

interface ValueRowsProps<T> {
  label: string;
  hint?: string;
  name: string;
  rows: readonly T[];
  onChange(rows: T[]): void;
  blank(): T;
  add: string;
  ordered?: boolean;
  most?: number;
  children(row: T, change: (row: T) => void, place: number): ReactNode;
}

interface Kept<T> extends Keyed {
  row: T;
}

export function ValueRows<T>({ rows, onChange, blank, hint, children, ...more }: ValueRowsProps<T>) {
  const { word } = useWords();
  const [kept, setKept] = useState(() => rows.map((row): Kept<T> => ({ key: newKey(), row })));
  const placeOf = ({ key }: Keyed) => kept.findIndex((one) => one.key === key);
  function become(next: Kept<T>[]) {
    setKept(next);
    onChange(next.map(({ row }) => row));
  }
  return (
    <div className="stack">
      <Rows
        {...more}
        rows={kept}
        onChange={become}
        blank={() => ({ key: newKey(), row: blank() })}
        nameOf={(one) => word("rowNumber", { number: placeOf(one) + 1 })}
      >
        {(one, change) => (
          <div className="row">{children(one.row, (row) => change({ ...one, row }), placeOf(one))}</div>
        )}
      </Rows>
      {hint && <p className="rows-hint">{hint}</p>}
    </div>
  );
}
