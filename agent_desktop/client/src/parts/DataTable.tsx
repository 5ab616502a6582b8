/** A table that keys can walk through: sorted by its heads, rows chosen or opened. */

import { type ReactNode, useMemo, useState } from "react";
import {
  Cell,
  Column,
  Row,
  type Selection,
  type SortDescriptor,
  Table,
  TableBody,
  TableHeader,
} from "react-aria-components";
import { Checkbox } from "./Fields";
import { inOrder } from "./order";

export interface ColumnOf<T> {
  id: string;
  label: ReactNode;
  /** What stands there. */
  cell(row: T): ReactNode;
  /** What it is sorted by; without it the column is not. */
  by?(row: T): string | number | null | undefined;
  number?: boolean;
}

export interface DataTableProps<T> {
  label: string;
  columns: readonly ColumnOf<T>[];
  rows: readonly T[];
  idOf(row: T): string;
  empty: ReactNode;
  /** Pressed, or chosen with Enter. */
  onOpen?(row: T): void;
  chosen?: Selection;
  onChosen?(chosen: Selection): void;
  choice?: "none" | "single" | "multiple";
  sorted?: SortDescriptor;
}

export function DataTable<T>(props: DataTableProps<T>) {
  const { label, columns, rows, idOf, empty, onOpen, chosen, onChosen, choice = "none" } = props;
  const [sort, setSort] = useState<SortDescriptor | undefined>(props.sorted);
  const by = columns.find((column) => column.id === sort?.column)?.by;
  const ordered = useMemo(() => inOrder(rows, by, sort?.direction), [rows, by, sort?.direction]);
  return (
    <div className="table-box">
      <Table
        aria-label={label}
        className="table"
        sortDescriptor={sort}
        onSortChange={setSort}
        selectionMode={choice}
        selectedKeys={chosen}
        onSelectionChange={onChosen}
        onRowAction={onOpen && ((key) => open(rows, idOf, String(key), onOpen))}
      >
        <TableHeader>
          {choice === "multiple" && (
            <Column id="chosen" className="tick">
              <Checkbox slot="selection">{null}</Checkbox>
            </Column>
          )}
          {columns.map((column, place) => (
            <Column
              key={column.id}
              id={column.id}
              isRowHeader={place === 0}
              allowsSorting={Boolean(column.by)}
              className={column.number ? "number" : ""}
            >
              {({ sortDirection }) => (
                <>
                  {column.label}
                  {sortDirection && (
                    <span aria-hidden="true">{sortDirection === "ascending" ? " ▲" : " ▼"}</span>
                  )}
                </>
              )}
            </Column>
          ))}
        </TableHeader>
        <TableBody renderEmptyState={() => <p className="empty">{empty}</p>}>
          {ordered.map((row) => (
            <Row key={idOf(row)} id={idOf(row)}>
              {choice === "multiple" && (
                <Cell className="tick">
                  <Checkbox slot="selection">{null}</Checkbox>
                </Cell>
              )}
              {columns.map((column) => (
                <Cell key={column.id} className={column.number ? "number" : ""}>
                  {column.cell(row)}
                </Cell>
              ))}
            </Row>
          ))}
        </TableBody>
      </Table>
    </div>
  );
}

function open<T>(rows: readonly T[], idOf: (row: T) => string, id: string, onOpen: (row: T) => void): void {
  const row = rows.find((one) => idOf(one) === id);
  if (row) onOpen(row);
}
