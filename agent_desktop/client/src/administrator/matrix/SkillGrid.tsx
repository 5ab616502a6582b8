/** Agents by skills: one cell at a time is a field, the arrows go from cell to cell. */

import { type KeyboardEvent, memo, useEffect, useRef, useState } from "react";
import type { Option } from "../../parts/Fields";
import { useWords } from "../../words/words";
import { type Cells, HIGHEST, levelOf, type Member, movedBy, type Place, typedLevel } from "./matrix";

interface SkillGridProps {
  members: readonly Member[];
  skills: readonly Option[];
  cells: Cells;
  onLevel(member: Member, skill: string, level: number): void;
}

export function SkillGrid({ members, skills, cells, onLevel }: SkillGridProps) {
  const { word } = useWords();
  const [at, setAt] = useState<Place>({ row: 0, column: 0 });
  const [entered, setEntered] = useState(false); // or the page would be taken to the grid when it opens
  const place = {
    row: Math.min(at.row, members.length - 1),
    column: Math.min(at.column, skills.length - 1),
  };
  const now = useRef({ members, skills, place, onLevel });
  now.current = { members, skills, place, onLevel };
  const acts = useRef<LineActs>({
    go(to) {
      setEntered(true);
      setAt(to);
    },
    key(event) {
      const { members, skills, place } = now.current;
      const to = movedBy(event.key, place, members.length, skills.length);
      if (!to) return;
      event.preventDefault();
      acts.current.go(to);
    },
    level(level) {
      const { members, skills, place, onLevel } = now.current;
      const [member, skill] = [members[place.row], skills[place.column]];
      if (member && skill) onLevel(member, skill.id, level);
    },
  });
  return (
    <div className="table-box matrix-box">
      <table className="table matrix" id="matrix" aria-label={word("matrix.title")}>
        <thead>
          <tr>
            <th scope="col">{word("matrix.agent")}</th>
            {skills.map(({ id, label }) => (
              <th key={id} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {members.map((member, row) => (
            <Line
              key={member.id}
              member={member}
              row={row}
              skills={skills}
              changed={cells[member.id]}
              active={row === place.row ? place.column : null}
              focused={entered}
              acts={acts.current}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface LineActs {
  go(to: Place): void;
  key(event: KeyboardEvent): void;
  level(level: number): void;
}

interface LineProps {
  member: Member;
  row: number;
  skills: readonly Option[];
  changed: Cells[string] | undefined;
  /** The column that is a field, in this row. */
  active: number | null;
  focused: boolean;
  acts: LineActs;
}

/** Drawn again only where something of it is another one: there are hundreds. */
const Line = memo(function Line({ member, row, skills, changed, active, focused, acts }: LineProps) {
  return (
    <tr data-user={member.id}>
      <th scope="row">
        {member.name} <span className="muted">{member.id}</span>
      </th>
      {skills.map(({ id, label }, column) => {
        const level = levelOf(member, id, changed ? { [member.id]: changed } : {});
        const isChanged = level !== (member.skills[id] ?? 0);
        return column === active ? (
          <td key={id} data-skill={id} data-changed={isChanged || undefined}>
            <Field
              label={`${member.name}, ${label}`}
              level={level}
              focused={focused}
              onKey={acts.key}
              onLevel={acts.level}
            />
          </td>
        ) : (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys come to the cell by arrows
          <td
            key={id}
            data-skill={id}
            data-changed={isChanged || undefined}
            onClick={() => acts.go({ row, column })}
          >
            {written(level)}
          </td>
        );
      })}
    </tr>
  );
});

interface FieldProps {
  label: string;
  level: number;
  focused: boolean;
  onKey(event: KeyboardEvent): void;
  onLevel(level: number): void;
}

function Field({ label, level, focused, onKey, onLevel }: FieldProps) {
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(written(level));
  const text = typedLevel(typed) === level ? typed : written(level); // it may have been dropped meanwhile
  useEffect(() => {
    if (focused) field.current?.focus();
  }, [focused]);
  function take(text: string) {
    const wanted = typedLevel(text);
    if (wanted === null) return; // such a key does nothing
    setTyped(text);
    onLevel(wanted);
  }
  return (
    <input
      ref={field}
      className="native"
      inputMode="numeric"
      aria-label={label}
      maxLength={String(HIGHEST).length}
      value={text}
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => take(event.currentTarget.value)}
      onKeyDown={onKey}
    />
  );
}

/** None is an empty cell. */
function written(level: number): string {
  return level ? String(level) : "";
}
