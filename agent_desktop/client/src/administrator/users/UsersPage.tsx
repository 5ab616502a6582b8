/** Everybody who can log in. */

import { Pill } from "../../parts/Card";
import { Select } from "../../parts/Fields";
import { api, got } from "../../server/rest";
import { named, useWords, word } from "../../words/words";
import { DefinitionPages } from "../definitions/DefinitionPages";
import type { FiltersProps, Kind } from "../definitions/kind";
import { changesOf, draftOf, type User } from "./draft";
import { useUserChoices } from "./options";
import { UserAccess } from "./UserAccess";
import { UserEditor } from "./UserEditor";

const KIND: Kind<User> = {
  path: "users",
  title: "users.title",
  add: "users.add",
  empty: "users.none",
  columns: () => [
    { id: "id", label: word("users.id"), cell: ({ id }) => id },
    { id: "name", label: word("definition.name"), cell: ({ name }) => name },
    { id: "number", label: word("users.number"), cell: ({ number }) => number },
    {
      id: "roles",
      label: word("users.roles"),
      cell: ({ roles }) => roles.map((role) => named("userRole", role)).join(", "),
    },
    { id: "team", label: word("users.team"), cell: ({ team }) => team ?? "" },
    {
      id: "state",
      label: word("users.access"),
      cell: ({ enabled }) => (enabled ? "" : <Pill kind="warn">{word("users.disabled")}</Pill>),
    },
  ],
  found: ({ q, role, team }, after) =>
    got(
      api.GET("/api/v1/users", {
        params: {
          query: { q: q || undefined, role: role || undefined, team: teamWanted(team), after, limit: 50 },
        },
      }),
    ),
  Filters: UserFilters,
  one: (id) => got(api.GET("/api/v1/users/{user_id}", { params: { path: { user_id: id } } })),
  nameOf: ({ id, name }) => `${name} (${id})`,
  Editor: UserEditor,
  More: UserAccess,
  alike: (one, other) => Object.keys(changesOf(one, draftOf(other))).length === 0,
  remove: ({ id, version }) =>
    got(api.DELETE("/api/v1/users/{user_id}", { params: { path: { user_id: id }, query: { version } } })),
  removedForGood: true,
  versionsOf: "users.versionsOf",
  versions: (id, after) =>
    got(api.GET("/api/v1/users/{user_id}/versions", { params: { path: { user_id: id }, query: { after } } })),
  rollBack: ({ id, version }, to) =>
    got(
      api.POST("/api/v1/users/{user_id}/roll-back", {
        params: { path: { user_id: id } },
        body: { version, to },
      }),
    ),
};

const ALL = "-all";
const NOBODYS = "-none"; // no team's id begins with a dash

export default function UsersPage() {
  return <DefinitionPages kind={KIND} />;
}

/** The server's word for who is in none is an empty one. */
function teamWanted(team: string | undefined): string | undefined {
  if (!team || team === ALL) return undefined;
  return team === NOBODYS ? "" : team;
}

function UserFilters({ wanted, onChange }: FiltersProps) {
  const { word } = useWords();
  const { roles, teams } = useUserChoices();
  const all = { id: ALL, label: word("users.all") };
  return (
    <>
      <Select
        id="role-wanted"
        label={word("users.role")}
        options={[all, ...roles]}
        value={wanted.role || ALL}
        onChange={(role) => onChange({ ...wanted, role: role === ALL ? "" : role })}
      />
      <Select
        id="team-wanted"
        label={word("users.team")}
        options={[all, { id: NOBODYS, label: word("users.noTeam") }, ...teams]}
        value={wanted.team || ALL}
        onChange={(team) => onChange({ ...wanted, team })}
      />
    </>
  );
}
