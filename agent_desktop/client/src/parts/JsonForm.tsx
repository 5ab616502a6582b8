/** The fields of a form that the centre has designed (JSON Schema), whatever it is for. */

import { inLanguage, useWords } from "../words/words";
import { Checkbox, TextField } from "./Fields";
import { type Field, fieldsOf, type Schema, type Values } from "./json_form";

interface Changing {
  values: Values;
  change(values: Values): void;
}

export function JsonForm({ schema, values, change }: Changing & { schema: Schema }) {
  useWords();
  return (
    <div className="stack">
      <Script script={schema["x-script"]} />
      {fieldsOf(schema).map((field) => (
        <div key={field.name}>
          <Script script={field.script} />
          <OneField field={field} values={values} change={change} />
        </div>
      ))}
    </div>
  );
}

/** What the agent says to the customer. */
function Script({ script }: { script?: Record<string, string> | null }) {
  return script ? <blockquote className="script">{inLanguage(script)}</blockquote> : null;
}

function OneField({ field, values, change }: Changing & { field: Field }) {
  const { name, kind, labels, required, choices, hint, schema } = field;
  const label = inLanguage(labels);
  const value = values[name];
  const become = (to: unknown) => change({ ...values, [name]: to });
  if (kind === "truth")
    return (
      <Checkbox isSelected={value === true} onChange={become}>
        {label}
      </Checkbox>
    );
  if (kind === "choices") return <Choices field={field} chosen={asList(value)} onChange={become} />;
  if (kind === "choice")
    return (
      <label className="field">
        <span className="label">{label + (required ? " *" : "")}</span>
        <select
          className="native"
          name={name}
          required={required}
          value={String(value ?? "")}
          onChange={(event) => become(event.target.value)}
        >
          <option value="">—</option>
          {choices.map((one) => (
            <option key={one.value} value={one.value}>
              {inLanguage(one.labels)}
            </option>
          ))}
        </select>
      </label>
    );
  const type = { date: "date", moment: "datetime-local", number: "number" }[kind as string] ?? "text";
  return (
    <TextField
      label={label + (required ? " *" : "")}
      hint={hint}
      name={name}
      type={type}
      step={kind === "number" && schema.type !== "integer" ? "any" : undefined}
      lines={kind === "lines" ? 3 : 1}
      isRequired={required}
      minLength={schema.minLength}
      maxLength={schema.maxLength}
      value={String(value ?? "")}
      onChange={become}
    />
  );
}

function Choices({
  field,
  chosen,
  onChange,
}: {
  field: Field;
  chosen: string[];
  onChange(to: string[]): void;
}) {
  return (
    <fieldset className="choices">
      <legend>{inLanguage(field.labels)}</legend>
      {field.choices.map(({ value, labels }) => (
        <Checkbox
          key={value}
          isSelected={chosen.includes(value)}
          onChange={(on) => onChange(on ? [...chosen, value] : chosen.filter((one) => one !== value))}
        >
          {inLanguage(labels)}
        </Checkbox>
      ))}
    </fieldset>
  );
}

function asList(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
