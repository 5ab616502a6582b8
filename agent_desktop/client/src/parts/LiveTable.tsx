/**
 * A table of many rows that change all the time: only those are drawn again whose parts are other objects
 * than before. (DataTable builds all of its rows anew with each change, which three hundred do not stand.)
 */

import { memo, type ReactNode, useMemo, useState } from "react";
import { languageNow } from "../words/words";
import { inOrder, type Sorting } from "./order";
import { TableBox } from "./TableBox";

export interface LiveColumn<T> {
  id: string;
  label: ReactNode;
  cell(row: T): ReactNode;
  by?(row: T): string | number | null | undefined;
  number?: boolean;
}

export interface LiveTableProps<T extends object> {
  label: string;
  id?: string;
  /** The same list each time, or every row is drawn again. */
  columns: readonly LiveColumn<T>[];
  /** Made anew each time if that is easier; what they hold is what counts. */
  rows: readonly T[];
  idOf(row: T): string;
  empty: ReactNode;
  sorted?: Sorting;
}

/** The first column names the row. */
export function LiveTable<T extends object>(props: LiveTableProps<T>) {
  const { label, id, columns, rows, idOf, empty } = props;
  const [sort, setSort] = useState<Sorting | undefined>(props.sorted);
  const by = columns.find((column) => column.id === sort?.column)?.by;
  const ordered = useMemo(() => inOrder(rows, by, sort?.direction), [rows, by, sort?.direction]);
  const language = languageNow();
  return (
    <TableBox label={label}>
      <table className="table" id={id} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={column.id} column={column} sort={sort} onSort={setSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {ordered.map((row) => (
            <Line key={idOf(row)} id={idOf(row)} row={row} columns={columns} language={language} />
          ))}
        </tbody>
      </table>
      {!rows.length && <p className="empty">{empty}</p>}
    </TableBox>
  );
}

interface HeadProps<T> {
  column: LiveColumn<T>;
  sort?: Sorting;
  onSort(sort: Sorting): void;
}

function Head<T>({ column, sort, onSort }: HeadProps<T>) {
  const { id, label, by, number } = column;
  const direction = sort?.column === id ? sort.direction : undefined;
  const other = direction === "ascending" ? "descending" : "ascending";
  return (
    <th scope="col" className={number ? "number" : ""} aria-sort={by && (direction ?? "none")}>
      {by ? (
        <button type="button" className="sorter" onClick={() => onSort({ column: id, direction: other })}>
          {label}
          {direction && <span aria-hidden="true">{direction === "ascending" ? " ▲" : " ▼"}</span>}
        </button>
      ) : (
        label
      )}
    </th>
  );
}

interface LineProps<T> {
  id: string;
  row: T;
  columns: readonly LiveColumn<T>[];
  language: string;
}

const Line = memo(DrawnLine, sameParts) as typeof DrawnLine;

function DrawnLine<T>({ id, row, columns }: LineProps<T>) {
  return (
    <tr data-id={id}>
      {columns.map((column, place) => {
        const Cell = place ? "td" : "th";
        const scope = place ? {} : { scope: "row" };
        return (
          <Cell key={column.id} {...scope} data-column={column.id} className={column.number ? "number" : ""}>
            {column.cell(row)}
          </Cell>
        );
      })}
    </tr>
  );
}

function sameParts<T>(before: LineProps<T>, after: LineProps<T>): boolean {
  if (before.columns !== after.columns || before.language !== after.language) return false;
  const [one, other] = [before.row, after.row] as [Record<string, unknown>, Record<string, unknown>];
  return one === other || Object.keys({ ...one, ...other }).every((name) => one[name] === other[name]);
}
