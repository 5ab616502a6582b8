/** One field of a form: what it asks for, and how. */

import { Checkbox, Select, TextField } from "../../parts/Fields";
import { LabelsField } from "../../parts/LabelsField";
import { OptionalNumber } from "../../parts/OptionalNumber";
import { Rows } from "../../parts/Rows";
import { useWords } from "../../words/words";
import { WordField } from "../definitions/WordField";
import {
  boundsOf,
  type DesignKind,
  type FieldDesign,
  isTwice,
  KINDS,
  limitsOf,
  newChoice,
  renamed,
} from "./design";

interface FieldEditorProps {
  field: FieldDesign;
  change(field: FieldDesign): void;
}

/** `all`: the form's, among which a field is the only one of its name. */
export function FieldEditor({ field, all, change }: FieldEditorProps & { all: readonly FieldDesign[] }) {
  const { word, named } = useWords();
  const { kind } = field;
  const kinds = kind === "other" ? [...KINDS, kind] : KINDS;
  return (
    <>
      <LabelsField
        labels={field.labels}
        onChange={(labels) => change(renamed(field, labels))}
        prefix="label-"
      />
      <div className="row">
        {field.kept ? (
          <TextField label={word("forms.fieldName")} name="name" value={field.name} isReadOnly />
        ) : (
          <WordField
            label={word("forms.fieldName")}
            name="name"
            value={field.name}
            onChange={(name) => change({ ...field, name })}
            isTaken={isTwice(field, all, ({ name }) => name)}
          />
        )}
        <Select
          label={word("forms.kind")}
          options={kinds.map((id) => ({ id, label: named("fieldKind", id) }))}
          value={kind}
          onChange={(to) => change({ ...field, kind: to as DesignKind })}
          isDisabled={kind === "other"}
        />
        <Checkbox isSelected={field.required} onChange={(required) => change({ ...field, required })}>
          {word("forms.required")}
        </Checkbox>
      </div>
      {(kind === "choice" || kind === "choices") && <FieldChoices field={field} change={change} />}
      <details>
        <summary>{word("forms.more")}</summary>
        <div className="stack">
          <Bounds field={field} change={change} />
          <LabelsField
            what={word("forms.hint")}
            prefix="hint-"
            labels={field.hint}
            onChange={(hint) => change({ ...field, hint })}
            maxLength={2000}
            isRequired={Boolean(field.hint.zh || field.hint.en)}
          />
          <LabelsField
            what={word("forms.script")}
            prefix="script-"
            labels={field.script}
            onChange={(script) => change({ ...field, script })}
            maxLength={2000}
            lines={2}
            isRequired={Boolean(field.script.zh || field.script.en)}
          />
        </div>
      </details>
    </>
  );
}

function Bounds({ field, change }: FieldEditorProps) {
  const { word, named } = useWords();
  const [low, high] = boundsOf(field.kind);
  if (!low || !high) return null;
  const limits = limitsOf(field.kind);
  return (
    <div className="row">
      {field.kind === "number" && (
        <Checkbox isSelected={field.whole} onChange={(whole) => change({ ...field, whole })}>
          {word("forms.whole")}
        </Checkbox>
      )}
      <OptionalNumber
        name="least"
        label={named("bound", low)}
        value={field.least}
        onChange={(least) => change({ ...field, least })}
        minValue={limits.lowest}
        maxValue={limits.highest}
      />
      <OptionalNumber
        name="most"
        label={named("bound", high)}
        value={field.most}
        onChange={(most) => change({ ...field, most })}
        minValue={limits.leastMost ?? limits.lowest}
        maxValue={limits.highest}
      />
    </div>
  );
}

function FieldChoices({ field, change }: FieldEditorProps) {
  const { word } = useWords();
  return (
    <Rows
      label={word("forms.choices")}
      name={`choices-${field.key}`}
      rows={field.choices}
      onChange={(choices) => change({ ...field, choices })}
      blank={newChoice}
      add={word("forms.addChoice")}
      nameOf={(one) => one.labels.zh || one.labels.en || one.value}
      ordered
    >
      {(one, changeOne) => (
        <div className="row">
          <TextField
            name="value"
            label={word("forms.choiceValue")}
            value={one.value}
            onChange={(value) => changeOne({ ...one, value })}
            validate={() => (isTwice(one, field.choices, ({ value }) => value) ? word("taken") : null)}
            maxLength={100}
            isRequired
          />
          <LabelsField
            labels={one.labels}
            onChange={(labels) => changeOne({ ...one, labels })}
            prefix="choice-"
          />
        </div>
      )}
    </Rows>
  );
}
