import { useState } from "react";
import { LabelsField, NO_LABELS } from "../../parts/LabelsField";
import { api, got, type Schemas } from "../../server/rest";
import { inLanguage, useWords, word } from "../../words/words";
import { updatedColumn } from "../definitions/columns";
import { DefinitionPages } from "../definitions/DefinitionPages";
import { Editing } from "../definitions/Editing";
import type { EditorProps, Kind } from "../definitions/kind";
import { WordField } from "../definitions/WordField";

type Skill = Schemas["SkillView"];

const KIND: Kind<Skill> = {
  path: "skills",
  title: "skills.title",
  add: "skills.add",
  empty: "skills.none",
  columns: () => [
    { id: "id", label: word("id"), cell: ({ id }) => id, by: ({ id }) => id },
    {
      id: "name",
      label: word("definition.name"),
      cell: ({ labels }) => inLanguage(labels),
      by: ({ labels }) => inLanguage(labels),
    },
    updatedColumn(),
  ],
  list: () => got(api.GET("/api/v1/skills")),
  nameOf: ({ id, labels }) => inLanguage(labels) || id,
  Editor: SkillEditor,
  remove: ({ id, version }) =>
    got(api.DELETE("/api/v1/skills/{skill}", { params: { path: { skill: id }, query: { version } } })),
  versions: (id, after) =>
    got(api.GET("/api/v1/skills/{skill}/versions", { params: { path: { skill: id }, query: { after } } })),
  rollBack: ({ id, version }, to) =>
    got(
      api.POST("/api/v1/skills/{skill}/roll-back", {
        params: { path: { skill: id } },
        body: { version, to },
      }),
    ),
};

export default function SkillsPage() {
  return <DefinitionPages kind={KIND} />;
}

function SkillEditor({ of, onSaved }: EditorProps<Skill>) {
  const { word } = useWords();
  const [id, setId] = useState(of?.id ?? "");
  const [labels, setLabels] = useState(of?.labels ?? NO_LABELS);
  const save = () =>
    of
      ? got(
          api.PATCH("/api/v1/skills/{skill}", {
            params: { path: { skill: of.id } },
            body: { version: of.version, labels },
          }),
        )
      : got(api.POST("/api/v1/skills", { body: { id, labels } }));
  return (
    <Editing save={save} onSaved={onSaved}>
      {!of && <WordField hint={word("idHint")} value={id} onChange={setId} pattern="[\w\-]+" />}
      <LabelsField labels={labels} onChange={setLabels} />
    </Editing>
  );
}
