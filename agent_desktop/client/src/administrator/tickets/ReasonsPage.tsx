/** Why customers come and what was wrong with us, in two levels. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ChoicesField } from "../../parts/ChoicesField";
import { Failure } from "../../parts/Failure";
import { Checkbox, Select } from "../../parts/Fields";
import { LabelsField, NO_LABELS } from "../../parts/LabelsField";
import { api, got, type Schemas } from "../../server/rest";
import { inLanguage, named, useWords, word } from "../../words/words";
import { inUseColumn } from "../definitions/columns";
import { DefinitionPages } from "../definitions/DefinitionPages";
import { Editing } from "../definitions/Editing";
import type { EditorProps, Kind } from "../definitions/kind";
import { listOf } from "../definitions/list";
import { useTicketTypeOptions } from "../definitions/options";
import { PlaceField } from "../definitions/PlaceField";
import { inTree } from "../definitions/tree";
import { WordField } from "../definitions/WordField";

type Reason = Schemas["TicketReasonView"];
type ReasonKind = Schemas["TicketReasonCreate"]["kind"];

const KINDS: readonly ReasonKind[] = ["reason", "cause"];
const NONE = "-"; // no group

/** The reasons, then the causes. */
async function list(): Promise<Reason[]> {
  const all = await got(api.GET("/api/v1/ticket-reasons"));
  return KINDS.flatMap((kind) => inTree(all.filter((one) => one.kind === kind)));
}

const KIND: Kind<Reason> = {
  path: "ticket-reasons",
  title: "reasons.title",
  add: "reasons.add",
  empty: "reasons.none",
  columns: () => [
    {
      id: "name",
      label: word("definition.name"),
      cell: ({ labels, parent_id }) => (
        <span className={parent_id ? "below" : "group"}>{inLanguage({ ...labels })}</span>
      ),
    },
    { id: "kind", label: word("reasons.kind"), cell: ({ kind }) => named("reasonKind", kind) },
    { id: "id", label: word("id"), cell: ({ id }) => id },
    { id: "types", label: word("reasons.types"), cell: ({ types }) => types.join(", ") },
    inUseColumn(),
  ],
  list,
  nameOf: ({ id, labels }) => inLanguage({ ...labels }) || id,
  Editor: ReasonEditor,
  remove: ({ id, version }) =>
    got(
      api.DELETE("/api/v1/ticket-reasons/{reason_id}", {
        params: { path: { reason_id: id }, query: { version } },
      }),
    ),
};

export default function ReasonsPage() {
  return <DefinitionPages kind={KIND} />;
}

function ReasonEditor({ of, onSaved }: EditorProps<Reason>) {
  const { word, named } = useWords();
  const [id, setId] = useState(of?.id ?? "");
  const [kind, setKind] = useState<string>(of?.kind ?? "reason");
  const [group, setGroup] = useState(of?.parent_id ?? NONE);
  const [labels, setLabels] = useState(of?.labels ?? NO_LABELS);
  const [types, setTypes] = useState<string[]>([...(of?.types ?? [])]);
  const [position, setPosition] = useState<number | null>(of?.position ?? 0);
  const [active, setActive] = useState(of?.active ?? true);
  const all = useQuery(listOf(KIND));
  const known = useTicketTypeOptions();
  const groups = (all.data ?? []).filter(
    (one) => one.kind === kind && one.parent_id === null && one.id !== of?.id,
  );
  function save(): Promise<Reason> {
    const said = { labels, types, position: position ?? 0 };
    if (of)
      return got(
        api.PUT("/api/v1/ticket-reasons/{reason_id}", {
          params: { path: { reason_id: of.id } },
          body: { ...said, version: of.version, active },
        }),
      );
    const within = { kind: kind as ReasonKind, parent_id: group === NONE ? null : group };
    return got(api.POST("/api/v1/ticket-reasons", { body: { ...said, ...within, id } }));
  }
  function become(to: string) {
    setKind(to);
    setGroup(NONE); // those of the other kind are none of its
  }
  return (
    <Editing save={save} onSaved={onSaved}>
      <Failure of={all.error ?? known.error} />
      {!of && <WordField value={id} onChange={setId} />}
      <LabelsField labels={labels} onChange={setLabels} />
      <div className="row">
        <Select
          id="kind"
          label={word("reasons.kind")}
          options={KINDS.map((one) => ({ id: one, label: named("reasonKind", one) }))}
          value={kind}
          onChange={become}
          isDisabled={of !== null}
        />
        <Select
          id="group"
          label={word("codes.group")}
          options={[
            { id: NONE, label: word("none") },
            ...groups.map((one) => ({ id: one.id, label: KIND.nameOf(one) })),
          ]}
          value={group}
          onChange={setGroup}
          isDisabled={of !== null}
        />
        <PlaceField value={position} onChange={setPosition} isRequired />
      </div>
      <ChoicesField
        label={word("reasons.types")}
        hint={word("reasons.typesHint")}
        options={known.options}
        chosen={types}
        onChange={setTypes}
      />
      {of && (
        <Checkbox isSelected={active} onChange={setActive}>
          {word("inUse")}
        </Checkbox>
      )}
    </Editing>
  );
}
