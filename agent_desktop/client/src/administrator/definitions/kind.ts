/** One kind of what is defined: how it is read, shown in a list, and edited. */

import type { ComponentType } from "react";
import type { ColumnOf } from "../../parts/DataTable";
import type { Schemas } from "../../server/rest";
import type { Word } from "../../words/words";

export type VersionPage = Schemas["DefinitionVersionPage"];

/** What is looked for in a long list, by the name of the server's parameter. */
export type Wanted = Readonly<Record<string, string>>;

export interface FiltersProps {
  wanted: Wanted;
  onChange(wanted: Wanted): void;
}

export interface Found<T> {
  items: readonly T[];
  next?: string | null;
}

export interface Kept {
  id: string;
  /** The one that was read: who saves names it, and is refused where somebody else was faster. */
  version: number;
}

export interface EditorProps<T> {
  /** The one that is edited; null for a new one. */
  of: T | null;
  /** It was saved: as the server has it now. */
  onSaved(saved: T): void;
}

export interface Kind<T extends Kept> {
  /** What the list is kept by on this page, and the rest of the way below /administrator. */
  path: string;
  title: Word;
  /** On the button that begins a new one; without it none can be made here. */
  add?: Word;
  empty: Word;
  columns: () => readonly ColumnOf<T>[];
  /** All of them; a long list is found by what is wanted, page by page, instead. */
  list?(): Promise<readonly T[]>;
  found?(wanted: Wanted, after?: string): Promise<Found<T>>;
  Filters?: ComponentType<FiltersProps>;
  /** Just this one, where not all of them are read. */
  one?(id: string): Promise<T>;
  nameOf(one: T): string;
  Editor: ComponentType<EditorProps<T>>;
  /** What else can be done with it, below its form. */
  More?: ComponentType<{ of: T; onChanged(now: T): void }>;
  /** Whether what is in the form is the same in both: what is typed into it stays, then. */
  alike?(one: T, other: T): boolean;
  remove?(one: T): Promise<unknown>;
  versions?(id: string, after?: string): Promise<VersionPage>;
  /** Of what they are, where that is not all of it. */
  versionsOf?: Word;
  /** Who removes it removes its versions, too. */
  removedForGood?: boolean;
  /** `to`: the number of the version that it is to become again. */
  rollBack?(one: T, to: number): Promise<T>;
}
