/** Columns that lists of several kinds of definitions have. */

import type { ColumnOf } from "../../parts/DataTable";
import { moment } from "../../parts/time";
import { word } from "../../words/words";

/** Whether it is offered still. */
export function inUseColumn<T extends { active: boolean }>(): ColumnOf<T> {
  return {
    id: "active",
    label: word("inUse"),
    cell: ({ active }) => word(active ? "inUse" : "notInUse"),
    by: ({ active }) => Number(active),
  };
}

export function updatedColumn<T extends { updated_at?: string | null }>(): ColumnOf<T> {
  return {
    id: "updated",
    label: word("updatedAt"),
    cell: ({ updated_at }) => moment(updated_at),
    by: ({ updated_at }) => updated_at,
  };
}
