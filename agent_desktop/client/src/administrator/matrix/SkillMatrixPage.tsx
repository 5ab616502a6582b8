/** Agents' skills as a grid: many are changed, and sent together. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { Button } from "../../parts/Button";
import { Empty } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { type Option, Select } from "../../parts/Fields";
import { useDone } from "../../parts/useDone";
import { api, got, type Schemas } from "../../server/rest";
import { useUnsent } from "../../shell/unsent";
import { inLanguage, useWords } from "../../words/words";
import { useSkills, useTeams } from "../users/options";
import { type Cells, count, type Member, MOST_ROWS, rowsOf, stillOpen, withLevel } from "./matrix";
import { SkillGrid } from "./SkillGrid";
import "./matrix.css";

const ALL = "-all";
const NO_TEAM = "-none"; // no team's id begins with a dash
const KEY = ["users", "agents"];

export default function SkillMatrixPage() {
  const { word, language } = useWords();
  const queries = useQueryClient();
  const [teams, skills] = [useTeams(), useSkills()];
  const agents = useQuery({ queryKey: KEY, queryFn: readAgents });
  const [cells, setCells] = useState<Cells>({});
  const [team, setTeam] = useState(ALL);
  const [skill, setSkill] = useState(ALL);
  const { busy, failure, attempt } = useDone();
  const members = agents.data;
  const open = useMemo(() => stillOpen(cells, members ?? []), [cells, members]);
  const shown = useMemo(
    () => (members ?? []).filter((one) => inTeam(one, team) && has(one, skill, cells)),
    [members, team, skill, cells],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: their names are in the page's language
  const columns = useMemo(
    () => columnsOf(skills.data ?? [], members ?? []),
    [skills.data, members, language],
  );
  const change = useCallback(
    (member: Member, id: string, level: number) => setCells((before) => withLevel(before, member, id, level)),
    [],
  );
  const rows = rowsOf(open, members ?? []);
  useUnsent(rows.length > 0);
  async function save() {
    await attempt(() => got(api.PATCH("/api/v1/skill-matrix", { body: { rows } })));
    await queries.invalidateQueries({ queryKey: ["users"] });
    const now = queries.getQueryData<Member[]>(KEY) ?? [];
    setCells((typed) => stillOpen(typed, now)); // what was not taken stays, on top of what is there now
  }
  if (!members) return agents.error ? <Failure of={agents.error} /> : <Empty>{word("loading")}</Empty>;
  return (
    <>
      <div className="page-head">
        <h1>{word("matrix.title")}</h1>
        <span className="gap" />
        <span role="status" id="changes">
          {rows.length > 0 && word("matrix.changes", { cells: count(open), agents: rows.length })}
        </span>
        <Button isDisabled={!rows.length || busy} onPress={() => setCells({})}>
          {word("matrix.drop")}
        </Button>
        <Button
          id="save"
          look="primary"
          isDisabled={!rows.length || rows.length > MOST_ROWS || busy}
          onPress={() => void save()}
        >
          {word("save")}
        </Button>
      </div>
      <Failure of={agents.error ?? teams.error ?? skills.error} />
      <Failure of={failure} exact />
      {rows.length > MOST_ROWS && (
        <p className="alert" role="alert">
          {word("matrix.tooMany", { most: MOST_ROWS })}
        </p>
      )}
      <div className="row">
        <Select
          id="team"
          label={word("users.team")}
          options={[
            { id: ALL, label: word("users.all") },
            { id: NO_TEAM, label: word("users.noTeam") },
            ...(teams.data ?? []).map(({ id, profile }) => ({ id, label: inLanguage(profile.labels) || id })),
          ]}
          value={team}
          onChange={setTeam}
        />
        <Select
          id="skill"
          label={word("matrix.whoHas")}
          options={[{ id: ALL, label: word("users.all") }, ...columns]}
          value={skill}
          onChange={setSkill}
        />
        <p className="muted">{word("matrix.how")}</p>
      </div>
      {shown.length && columns.length ? (
        <SkillGrid members={shown} skills={columns} cells={cells} onLevel={change} />
      ) : (
        <Empty>{word(columns.length ? "matrix.none" : "skills.none")}</Empty>
      )}
    </>
  );
}

/** Everybody who serves customers, however many pages that is. */
async function readAgents(): Promise<Member[]> {
  const found: Schemas["User"][] = [];
  let after: string | undefined;
  do {
    const query = { role: "agent", limit: 200, after };
    const page = await got(api.GET("/api/v1/users", { params: { query } }));
    found.push(...page.items);
    after = page.next ?? undefined;
  } while (after);
  return found;
}

function inTeam(member: Member, wanted: string): boolean {
  return wanted === ALL || (member.team ?? NO_TEAM) === wanted;
}

/** Or had, before it was taken away here: a row does not go while it is typed into. */
function has(member: Member, skill: string, cells: Cells): boolean {
  return skill === ALL || Boolean(member.skills[skill] || cells[member.id]?.[skill]);
}

/** Skills that somebody has without their being defined have a column, too. */
function columnsOf(defined: readonly Schemas["SkillView"][], members: readonly Member[]): Option[] {
  const known = new Set(defined.map(({ id }) => id));
  const others = new Set(members.flatMap(({ skills }) => Object.keys(skills)).filter((id) => !known.has(id)));
  return [
    ...defined.map(({ id, labels }) => ({ id, label: inLanguage(labels) || id })),
    ...[...others].sort().map((id) => ({ id, label: id })),
  ];
}
