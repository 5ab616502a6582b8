/** A form as it is designed, beside how it will look to who fills it in. */

import { type KeyboardEvent, useState } from "react";
import { JsonForm } from "../../parts/JsonForm";
import type { Values } from "../../parts/json_form";
import { LabelsField } from "../../parts/LabelsField";
import { Rows } from "../../parts/Rows";
import { useWords } from "../../words/words";
import { type FormDesign, newField, schemaOf } from "./design";
import { FieldEditor } from "./FieldEditor";
import "./forms.css";

interface FormDesignerProps {
  design: FormDesign;
  onChange(design: FormDesign): void;
}

export function FormDesigner({ design, onChange }: FormDesignerProps) {
  const { word } = useWords();
  return (
    <div className="form-designer">
      <div className="stack">
        <LabelsField
          what={word("forms.formScript")}
          prefix="form-script-"
          labels={design.script}
          onChange={(script) => onChange({ ...design, script })}
          maxLength={2000}
          lines={2}
          isRequired={Boolean(design.script.zh || design.script.en)}
        />
        <Rows
          label={word("forms.fields")}
          name="fields"
          rows={design.fields}
          onChange={(fields) => onChange({ ...design, fields })}
          blank={newField}
          add={word("forms.addField")}
          nameOf={(one) => one.labels.zh || one.labels.en || one.name || word("forms.newField")}
          ordered
        >
          {(field, change) => <FieldEditor field={field} all={design.fields} change={change} />}
        </Rows>
      </div>
      <FormPreview design={design} />
    </div>
  );
}

/** What is typed into it goes nowhere. */
function FormPreview({ design }: { design: FormDesign }) {
  const { word } = useWords();
  const [values, setValues] = useState<Values>({});
  const fields = design.fields.filter(({ name }) => name);
  return (
    <section
      id="form-preview"
      className="form-preview"
      aria-label={word("forms.preview")}
      onKeyDown={keepWithin}
    >
      <h2>{word("forms.preview")}</h2>
      {fields.length || design.script.zh ? (
        <JsonForm schema={schemaOf({ ...design, fields })} values={values} change={setValues} isTrial />
      ) : (
        <p className="empty">{word("forms.noFields")}</p>
      )}
    </section>
  );
}

/** Enter in a field that is tried out does not save the form around it. */
function keepWithin(event: KeyboardEvent) {
  if (event.key === "Enter" && event.target instanceof HTMLInputElement) event.preventDefault();
}
