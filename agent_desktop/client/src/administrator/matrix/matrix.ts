/** Who can do what how well, as it is changed cell by cell before it is sent as a whole. */

import type { Schemas } from "../../server/rest";

export type Member = Pick<Schemas["User"], "id" | "name" | "team" | "skills" | "version">;
export type Row = Schemas["SkillRow"];
/** By user and skill: the new level, 0 for none. */
export type Cells = Readonly<Record<string, Readonly<Record<string, number>>>>;

export const HIGHEST = 10;
export const MOST_ROWS = 200; // of one request

export interface Place {
  row: number;
  column: number;
}

export function levelOf(member: Member, skill: string, cells: Cells): number {
  return cells[member.id]?.[skill] ?? member.skills[skill] ?? 0;
}

/** With this level; one that is as it was is no change. */
export function withLevel(cells: Cells, member: Member, skill: string, level: number): Cells {
  const { [member.id]: row = {}, ...others } = cells;
  const { [skill]: _, ...rest } = row;
  const changed = level === (member.skills[skill] ?? 0) ? rest : { ...rest, [skill]: level };
  return Object.keys(changed).length ? { ...others, [member.id]: changed } : others;
}

/** What is still another level than the members have now, of those that there are. */
export function stillOpen(cells: Cells, members: readonly Member[]): Cells {
  let open: Cells = {};
  for (const member of members)
    for (const [skill, level] of Object.entries(cells[member.id] ?? {}))
      open = withLevel(open, member, skill, level);
  return open;
}

export function count(cells: Cells): number {
  return Object.values(cells).reduce((sum, row) => sum + Object.keys(row).length, 0);
}

/** The rows that are sent: each with all of its skills, as the version that was read has them. */
export function rowsOf(cells: Cells, members: readonly Member[]): Row[] {
  return members
    .filter(({ id }) => id in cells)
    .map(({ id, version, skills }) => {
      const levels = Object.entries({ ...skills, ...cells[id] }).filter(([, level]) => level > 0);
      return { user: id, version, skills: Object.fromEntries(levels) };
    });
}

/** What was typed into a cell; null for what is no level. */
export function typedLevel(text: string): number | null {
  const level = Number(text.trim() || 0);
  return Number.isInteger(level) && level >= 0 && level <= HIGHEST ? level : null;
}

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  Enter: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  PageUp: [-10, 0],
  PageDown: [10, 0],
};

/** Where a key leads to; null for one that leads nowhere. */
export function movedBy(key: string, { row, column }: Place, rows: number, columns: number): Place | null {
  if (key === "Home") return { row, column: 0 };
  if (key === "End") return { row, column: columns - 1 };
  const step = STEPS[key];
  return step ? { row: within(row + step[0], rows), column: within(column + step[1], columns) } : null;
}

function within(place: number, size: number): number {
  return Math.max(0, Math.min(size - 1, place));
}
