/** Groups of agents: what they are to routing, and who is in them. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { Button } from "../../parts/Button";
import { Card, Facts } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { Checkbox } from "../../parts/Fields";
import { LabelsField, NO_LABELS } from "../../parts/LabelsField";
import { LevelsField } from "../../parts/LevelsField";
import { Listed } from "../../parts/Listed";
import { api, got, type Schemas } from "../../server/rest";
import { inLanguage, useWords, word } from "../../words/words";
import { DefinitionPages } from "../definitions/DefinitionPages";
import { Editing } from "../definitions/Editing";
import type { EditorProps, Kind } from "../definitions/kind";
import { WordField } from "../definitions/WordField";
import { useUserChoices } from "../users/options";

type Team = Schemas["TeamView"];

const KIND: Kind<Team> = {
  path: "teams",
  title: "teams.title",
  add: "teams.add",
  empty: "teams.none",
  columns: () => [
    { id: "id", label: word("id"), cell: ({ id }) => id, by: ({ id }) => id },
    {
      id: "name",
      label: word("definition.name"),
      cell: ({ profile }) => inLanguage(profile.labels),
      by: ({ profile }) => inLanguage(profile.labels),
    },
    {
      id: "queues",
      label: word("users.queues"),
      cell: ({ profile }) => Object.keys(profile.queues ?? {}).join(", "),
    },
  ],
  list: () => got(api.GET("/api/v1/teams")),
  nameOf: ({ id, profile }) => inLanguage(profile.labels) || id,
  Editor: TeamEditor,
  More: Members,
  remove: ({ id, version }) =>
    got(api.DELETE("/api/v1/teams/{team}", { params: { path: { team: id }, query: { version } } })),
  versions: (id, after) =>
    got(api.GET("/api/v1/teams/{team}/versions", { params: { path: { team: id }, query: { after } } })),
  rollBack: ({ id, version }, to) =>
    got(
      api.POST("/api/v1/teams/{team}/roll-back", { params: { path: { team: id } }, body: { version, to } }),
    ),
};

export default function TeamsPage() {
  return <DefinitionPages kind={KIND} />;
}

function TeamEditor({ of, onSaved }: EditorProps<Team>) {
  const { word } = useWords();
  const choices = useUserChoices();
  const before = of?.profile;
  const [id, setId] = useState("");
  const [labels, setLabels] = useState(before?.labels ?? NO_LABELS);
  const [ownQueues, setOwnQueues] = useState((before?.queues ?? null) !== null);
  const [queues, setQueues] = useState<Record<string, number>>({ ...before?.queues });
  const [skills, setSkills] = useState<Record<string, number>>({ ...before?.skills });
  const [capacity, setCapacity] = useState<Record<string, number>>({ ...before?.capacity });
  function save() {
    const profile = { labels, queues: ownQueues ? queues : null, skills, capacity };
    if (!of) return got(api.POST("/api/v1/teams", { body: { id, profile } }));
    const body = { version: of.version, profile };
    return got(api.PATCH("/api/v1/teams/{team}", { params: { path: { team: of.id } }, body }));
  }
  return (
    <Editing save={save} onSaved={onSaved}>
      <Failure of={choices.error} />
      {!of && (
        <WordField hint={word("teams.idHint")} value={id} onChange={setId} pattern="[a-z0-9][a-z0-9_.\-]*" />
      )}
      <LabelsField labels={labels} onChange={setLabels} />
      <Checkbox isSelected={ownQueues} onChange={setOwnQueues}>
        {word("teams.ownQueues")}
      </Checkbox>
      {ownQueues && (
        <LevelsField
          name="queues"
          legend={word("users.queues")}
          hint={word("users.queuesHint")}
          levels={queues}
          options={choices.queues}
          onChange={setQueues}
        />
      )}
      <LevelsField
        name="skills"
        legend={word("skills.title")}
        hint={word("teams.skillsHint")}
        levels={skills}
        options={choices.skills}
        onChange={setSkills}
      />
      <LevelsField
        name="capacity"
        legend={word("users.capacity")}
        hint={word("teams.capacityHint")}
        levels={capacity}
        options={choices.channels}
        lowest={0}
        highest={100}
        onChange={setCapacity}
      />
    </Editing>
  );
}

function Members({ of }: { of: Team }) {
  const { word } = useWords();
  const pages = useInfiniteQuery({
    queryKey: ["users", "team", of.id],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      got(api.GET("/api/v1/users", { params: { query: { team: of.id, limit: 200, after: pageParam } } })),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const members = pages.data?.pages.flatMap(({ items }) => items);
  const asked = Object.entries(of.asked_after);
  return (
    <>
      {asked.length > 0 && (
        <Card title={word("teams.asked")}>
          <Facts facts={asked.map(([queue, seconds]) => [queue, askedAfter(seconds)])} />
        </Card>
      )}
      <Card id="members" title={word("teams.members")}>
        <Listed
          of={{ data: members, error: pages.error, isPending: pages.isPending }}
          empty={word("teams.noMembers")}
          idOf={({ id }) => id}
        >
          {({ id, name }) => (
            <Link to={`/administrator/users/of/${encodeURIComponent(id)}`}>
              {name} ({id})
            </Link>
          )}
        </Listed>
        {pages.hasNextPage && (
          <Button onPress={() => void pages.fetchNextPage()}>{word("moreOfThem")}</Button>
        )}
      </Card>
    </>
  );
}

function askedAfter(seconds: number | null): string {
  if (seconds === null) return word("teams.askedNever");
  return seconds ? word("teams.askedAfter", { seconds }) : word("teams.askedAtOnce");
}
