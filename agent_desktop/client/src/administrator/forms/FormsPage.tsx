import { useState } from "react";
import { Checkbox } from "../../parts/Fields";
import type { Schema } from "../../parts/json_form";
import { LabelsField, NO_LABELS } from "../../parts/LabelsField";
import { api, got, type Schemas } from "../../server/rest";
import { inLanguage, useWords, word } from "../../words/words";
import { inUseColumn, updatedColumn } from "../definitions/columns";
import { DefinitionPages } from "../definitions/DefinitionPages";
import { Editing } from "../definitions/Editing";
import type { EditorProps, Kind } from "../definitions/kind";
import { QueuesField } from "../definitions/QueuesField";
import { WordField } from "../definitions/WordField";
import { designOf, NEW_FORM, schemaOf } from "./design";
import { FormDesigner } from "./FormDesigner";

type Form = Schemas["FormView"];
type Definition = Form["definition"];

const KIND: Kind<Form> = {
  path: "forms",
  title: "forms.title",
  add: "forms.add",
  empty: "forms.none",
  columns: () => [
    {
      id: "name",
      label: word("definition.name"),
      cell: ({ labels }) => inLanguage({ ...labels }),
      by: ({ labels }) => inLanguage({ ...labels }),
    },
    { id: "id", label: word("id"), cell: ({ id }) => id, by: ({ id }) => id },
    {
      id: "fields",
      label: word("forms.fields"),
      cell: ({ definition }) => fieldsIn(definition),
      by: ({ definition }) => fieldsIn(definition),
      number: true,
    },
    inUseColumn(),
    updatedColumn(),
  ],
  list: () => got(api.GET("/api/v1/forms")),
  nameOf: ({ id, labels }) => inLanguage({ ...labels }) || id,
  Editor: FormEditor,
  versions: (id, after) =>
    got(api.GET("/api/v1/forms/{form_id}/versions", { params: { path: { form_id: id }, query: { after } } })),
  async rollBack({ id, version }, to) {
    const before = await got(
      api.GET("/api/v1/forms/{form_id}/versions/{number}", {
        params: { path: { form_id: id, number: String(to) } },
      }),
    );
    return edited(id, { version, definition: before.definition });
  },
};

export default function FormsPage() {
  return <DefinitionPages kind={KIND} />;
}

function fieldsIn(definition: Definition): number {
  return Object.keys((definition as Schema).properties ?? {}).length;
}

const edited = (id: string, body: Schemas["FormEdit"]) =>
  got(api.PATCH("/api/v1/forms/{form_id}", { params: { path: { form_id: id } }, body }));

function FormEditor({ of, onSaved }: EditorProps<Form>) {
  const { word } = useWords();
  const [id, setId] = useState(of?.id ?? "");
  const [labels, setLabels] = useState(of?.labels ?? NO_LABELS);
  const [queues, setQueues] = useState(of?.queues ?? []);
  const [active, setActive] = useState(of?.active ?? true);
  const [begun] = useState(() => designOf((of?.definition ?? NEW_FORM) as Schema));
  const [design, setDesign] = useState(begun);
  function save(): Promise<Form> {
    const definition = schemaOf(design) as Definition;
    if (!of) return got(api.POST("/api/v1/forms", { body: { id, labels, queues, definition } }));
    const changes = design === begun ? {} : { definition };
    return edited(of.id, { version: of.version, labels, queues, active, ...changes });
  }
  return (
    <Editing save={save} onSaved={onSaved}>
      {!of && <WordField value={id} onChange={setId} />}
      <LabelsField labels={labels} onChange={setLabels} />
      <QueuesField chosen={queues} onChange={setQueues} />
      {of && (
        <Checkbox isSelected={active} onChange={setActive}>
          {word("inUse")}
        </Checkbox>
      )}
      <FormDesigner design={design} onChange={setDesign} />
    </Editing>
  );
}
