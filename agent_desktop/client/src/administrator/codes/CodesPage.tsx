/** What agents record of contacts: groups of codes, and the codes in them. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Failure } from "../../parts/Failure";
import { Checkbox, Select } from "../../parts/Fields";
import { LabelsField, NO_LABELS } from "../../parts/LabelsField";
import { api, got, type Schemas } from "../../server/rest";
import { inLanguage, useWords, word } from "../../words/words";
import { inUseColumn } from "../definitions/columns";
import { DefinitionPages } from "../definitions/DefinitionPages";
import { Editing } from "../definitions/Editing";
import type { EditorProps, Kind } from "../definitions/kind";
import { listOf } from "../definitions/list";
import { useFormOptions } from "../definitions/options";
import { PlaceField } from "../definitions/PlaceField";
import { QueuesField } from "../definitions/QueuesField";
import { inTree } from "../definitions/tree";
import { WordField } from "../definitions/WordField";

type Code = Schemas["DispositionCodeView"];

const NONE = "-"; // no group, no form

const list = async () => inTree(await got(api.GET("/api/v1/disposition-codes")));

const KIND: Kind<Code> = {
  path: "codes",
  title: "codes.title",
  add: "codes.add",
  empty: "codes.none",
  columns: () => [
    {
      id: "name",
      label: word("definition.name"),
      cell: ({ labels, parent_id }) => (
        <span className={parent_id ? "below" : "group"}>{inLanguage({ ...labels })}</span>
      ),
    },
    { id: "id", label: word("id"), cell: ({ id }) => id },
    { id: "form", label: word("codes.form"), cell: ({ form_id }) => form_id ?? "" },
    { id: "queues", label: word("forQueues"), cell: ({ queues }) => queues.join(", ") },
    inUseColumn(),
  ],
  list,
  nameOf: ({ id, labels }) => inLanguage({ ...labels }) || id,
  Editor: CodeEditor,
};

export default function CodesPage() {
  return <DefinitionPages kind={KIND} />;
}

function CodeEditor({ of, onSaved }: EditorProps<Code>) {
  const { word } = useWords();
  const [id, setId] = useState(of?.id ?? "");
  const [labels, setLabels] = useState(of?.labels ?? NO_LABELS);
  const [group, setGroup] = useState(of?.parent_id ?? NONE);
  const [form, setForm] = useState(of?.form_id ?? NONE);
  const [queues, setQueues] = useState(of?.queues ?? []);
  const [position, setPosition] = useState<number | null>(of?.position ?? 0);
  const [active, setActive] = useState(of?.active ?? true);
  const codes = useQuery(listOf(KIND));
  const forms = useFormOptions();
  const none = { id: NONE, label: word("none") };
  const groups = (codes.data ?? []).filter((one) => one.parent_id === null && one.id !== of?.id);
  function save(): Promise<Code> {
    const said = { labels, queues, position: position ?? 0 };
    if (of)
      return got(
        api.PATCH("/api/v1/disposition-codes/{code_id}", {
          params: { path: { code_id: of.id } },
          body: { ...said, version: of.version, active },
        }),
      );
    const within = { parent_id: group === NONE ? null : group, form_id: form === NONE ? null : form };
    return got(api.POST("/api/v1/disposition-codes", { body: { ...said, ...within, id } }));
  }
  return (
    <Editing save={save} onSaved={onSaved}>
      <Failure of={codes.error ?? forms.error} />
      {!of && <WordField value={id} onChange={setId} />}
      <LabelsField labels={labels} onChange={setLabels} />
      <div className="row">
        <Select
          id="group"
          label={word("codes.group")}
          options={[none, ...groups.map((one) => ({ id: one.id, label: KIND.nameOf(one) }))]}
          value={group}
          onChange={setGroup}
          isDisabled={of !== null}
        />
        <Select
          id="form"
          label={word("codes.form")}
          options={[none, ...forms.options]}
          value={form}
          onChange={setForm}
          isDisabled={of !== null}
        />
        <PlaceField value={position} onChange={setPosition} isRequired />
      </div>
      {of && <p className="muted">{word("codes.fixed")}</p>}
      <QueuesField chosen={queues} onChange={setQueues} />
      {of && (
        <Checkbox isSelected={active} onChange={setActive}>
          {word("inUse")}
        </Checkbox>
      )}
    </Editing>
  );
}
