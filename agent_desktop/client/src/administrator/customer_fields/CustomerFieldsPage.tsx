/** The fields that the centre has added to its customers' records. */

import { useState } from "react";
import { Checkbox, Select, TextField } from "../../parts/Fields";
import { newKey } from "../../parts/keyed";
import { LabelsField, NO_LABELS } from "../../parts/LabelsField";
import { OptionalNumber } from "../../parts/OptionalNumber";
import { Rows } from "../../parts/Rows";
import { api, got, type Schemas } from "../../server/rest";
import { inLanguage, named, useWords, word } from "../../words/words";
import { DefinitionPages } from "../definitions/DefinitionPages";
import { Editing } from "../definitions/Editing";
import type { EditorProps, Kind } from "../definitions/kind";
import { PlaceField } from "../definitions/PlaceField";
import { WordField } from "../definitions/WordField";

type View = Schemas["FieldView"];
type Field = View & { id: string };
type Type = View["type"];
type AppliesTo = NonNullable<Schemas["FieldCreate"]["applies_to"]>;

const TYPES: readonly Type[] = ["text", "number", "money", "date", "choice", "boolean"];
const WHOM: readonly AppliesTo[] = ["both", "person", "company"];

const withId = (field: View): Field => ({ ...field, id: field.name });

const KIND: Kind<Field> = {
  path: "customer-fields",
  title: "customerFields.title",
  add: "customerFields.add",
  empty: "customerFields.none",
  columns: () => [
    {
      id: "label",
      label: word("definition.name"),
      cell: ({ labels }) => inLanguage({ ...labels }),
      by: ({ labels }) => inLanguage({ ...labels }),
    },
    { id: "name", label: word("id"), cell: ({ name }) => name, by: ({ name }) => name },
    {
      id: "section",
      label: word("customerFields.section"),
      cell: ({ section }) => section,
      by: ({ section }) => section,
    },
    { id: "type", label: word("forms.kind"), cell: ({ type }) => named("customerFieldType", type) },
    {
      id: "position",
      label: word("placeInOrder"),
      cell: ({ position }) => position,
      by: ({ position }) => position,
      number: true,
    },
    { id: "active", label: word("inUse"), cell: ({ retired }) => word(retired ? "notInUse" : "inUse") },
  ],
  list: async () => (await got(api.GET("/api/v1/customer-fields"))).map(withId),
  nameOf: ({ name, labels }) => inLanguage({ ...labels }) || name,
  Editor: FieldEditor,
};

export default function CustomerFieldsPage() {
  return <DefinitionPages kind={KIND} />;
}

const begunWith = (field: Field | null) => ({
  section: field?.section ?? "basic",
  labels: field?.labels ?? NO_LABELS,
  required: field?.required ?? false,
  sensitive: field?.sensitive ?? false,
  minimum: field?.minimum ?? null,
  maximum: field?.maximum ?? null,
  position: field?.position ?? 0,
  retired: field?.retired ?? false,
});

function FieldEditor({ of, onSaved }: EditorProps<Field>) {
  const { word, named } = useWords();
  const [name, setName] = useState(of?.name ?? "");
  const [type, setType] = useState<Type>(of?.type ?? "text");
  const [appliesTo, setAppliesTo] = useState<AppliesTo>(of?.applies_to ?? "both");
  const [said, setSaid] = useState(() => begunWith(of));
  const [choices, setChoices] = useState(() => (of?.choices ?? []).map((one) => ({ ...one, key: newKey() })));
  const change = (some: Partial<typeof said>) => setSaid({ ...said, ...some });
  const isNumber = type === "number" || type === "money";
  async function save(): Promise<Field> {
    const body = {
      ...said,
      choices: type === "choice" ? choices.map(({ value, labels }) => ({ value, labels })) : [],
      minimum: isNumber ? said.minimum : null,
      maximum: isNumber ? said.maximum : null,
    };
    if (!of)
      return withId(
        await got(
          api.POST("/api/v1/customer-fields", { body: { ...body, name, type, applies_to: appliesTo } }),
        ),
      );
    const params = { path: { name: of.name } };
    return withId(
      await got(
        api.PATCH("/api/v1/customer-fields/{name}", { params, body: { ...body, version: of.version } }),
      ),
    );
  }
  return (
    <Editing save={save} onSaved={onSaved}>
      {!of && <WordField value={name} onChange={setName} />}
      <LabelsField labels={said.labels} onChange={(labels) => change({ labels })} />
      <div className="row">
        <Select
          id="type"
          label={word("forms.kind")}
          options={TYPES.map((id) => ({ id, label: named("customerFieldType", id) }))}
          value={type}
          onChange={(to) => setType(to as Type)}
          isDisabled={of !== null}
        />
        <Select
          id="applies-to"
          label={word("customerFields.appliesTo")}
          options={WHOM.map((id) => ({ id, label: named("appliesTo", id) }))}
          value={appliesTo}
          onChange={(to) => setAppliesTo(to as AppliesTo)}
          isDisabled={of !== null}
        />
        <TextField
          name="section"
          label={word("customerFields.section")}
          value={said.section}
          onChange={(section) => change({ section })}
          isRequired
          maxLength={64}
          pattern="[a-z][a-z0-9_]*"
        />
        <PlaceField value={said.position} onChange={(position) => change({ position: position ?? 0 })} />
      </div>
      {of && <p className="muted">{word("customerFields.fixed")}</p>}
      {isNumber && (
        <div className="row">
          <OptionalNumber
            name="minimum"
            label={word("bound.minimum")}
            value={said.minimum}
            onChange={(minimum) => change({ minimum })}
          />
          <OptionalNumber
            name="maximum"
            label={word("bound.maximum")}
            value={said.maximum}
            onChange={(maximum) => change({ maximum })}
          />
        </div>
      )}
      {type === "choice" && (
        <Rows
          label={word("forms.choices")}
          name="choices"
          rows={choices}
          onChange={setChoices}
          blank={() => ({ key: newKey(), value: "", labels: NO_LABELS })}
          add={word("forms.addChoice")}
          nameOf={(one) => inLanguage({ ...one.labels }) || one.value}
          ordered
          most={200}
        >
          {(one, changeOne) => (
            <div className="row">
              <TextField
                name="value"
                label={word("forms.choiceValue")}
                value={one.value}
                onChange={(value) => changeOne({ ...one, value })}
                isRequired
                maxLength={64}
              />
              <LabelsField
                labels={one.labels}
                onChange={(labels) => changeOne({ ...one, labels })}
                prefix="choice-"
              />
            </div>
          )}
        </Rows>
      )}
      <div className="buttons">
        <Checkbox isSelected={said.required} onChange={(required) => change({ required })}>
          {word("forms.required")}
        </Checkbox>
        <Checkbox isSelected={said.sensitive} onChange={(sensitive) => change({ sensitive })}>
          {word("customerFields.sensitive")}
        </Checkbox>
        {of && (
          <Checkbox isSelected={!said.retired} onChange={(used) => change({ retired: !used })}>
            {word("inUse")}
          </Checkbox>
        )}
      </div>
    </Editing>
  );
}
