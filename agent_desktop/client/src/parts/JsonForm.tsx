/** The fields of a form that the centre has designed (JSON Schema), whatever it is for. */

import { useId } from "react";
import { inLanguage, useWords } from "../words/words";
import { ChoicesField } from "./ChoicesField";
import { Checkbox, TextField } from "./Fields";
import { type Field, fieldsOf, type Schema, type Values } from "./json_form";

interface Changing {
  values: Values;
  change(values: Values): void;
}

interface JsonFormProps extends Changing {
  schema: Schema;
  /** It is tried out within another form, which can be sent whatever is missing here. */
  isTrial?: boolean;
}

export function JsonForm({ schema, values, change, isTrial = false }: JsonFormProps) {
  useWords();
  return (
    <div className="stack">
      <Script script={schema["x-script"]} />
      {fieldsOf(schema).map((field) => (
        <div key={field.name}>
          <Script script={field.script} />
          <OneField field={field} values={values} change={change} isTrial={isTrial} />
        </div>
      ))}
    </div>
  );
}

/** What the agent says to the customer. */
function Script({ script }: { script?: Record<string, string> | null }) {
  return script ? <blockquote className="script">{inLanguage(script)}</blockquote> : null;
}

function OneField({ field, values, change, isTrial }: Changing & { field: Field; isTrial: boolean }) {
  const { name, kind, labels, required, choices, schema } = field;
  const label = inLanguage(labels);
  const hint = inLanguage(field.hint);
  const hintId = useId();
  const value = values[name];
  const become = (to: unknown) => change({ ...values, [name]: to });
  if (kind === "truth")
    return (
      <div className="field">
        <Checkbox isSelected={value === true} onChange={become} aria-describedby={hint ? hintId : undefined}>
          {label}
        </Checkbox>
        <Hint id={hintId}>{hint}</Hint>
      </div>
    );
  if (kind === "choices")
    return (
      <ChoicesField
        label={label + (required ? " *" : "")}
        hint={hint}
        options={choices.map((one) => ({ id: one.value, label: inLanguage(one.labels) }))}
        chosen={asList(value)}
        onChange={become}
      />
    );
  if (kind === "choice")
    return (
      <div className="field">
        <label htmlFor={`${hintId}-of`}>{label + (required ? " *" : "")}</label>
        <select
          id={`${hintId}-of`}
          className="native"
          name={name}
          required={required && !isTrial}
          aria-describedby={hint ? hintId : undefined}
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
        <Hint id={hintId}>{hint}</Hint>
      </div>
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
      isRequired={required && !isTrial}
      minLength={isTrial ? undefined : schema.minLength}
      maxLength={schema.maxLength}
      value={String(value ?? "")}
      onChange={become}
    />
  );
}

function Hint({ id, children }: { id?: string; children: string }) {
  return children ? (
    <span className="hint" id={id}>
      {children}
    </span>
  ) : null;
}

function asList(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
