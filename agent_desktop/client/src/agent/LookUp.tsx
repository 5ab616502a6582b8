import { type FormEvent, useState } from "react";
import type { Parameters, Query } from "../desk/queries";
import { Button } from "../parts/Button";
import { inLanguage, useWords } from "../words/words";

const INPUTS: Record<string, string> = { number: "number", boolean: "checkbox", moment: "datetime-local" };

interface LookUpProps {
  queries: readonly Query[];
  onAsk(query: string, parameters: Parameters): void;
  /** Where there is more than one on a page. */
  name?: string;
}

/** A query, and what it has to be told. */
export function LookUp({ queries, onAsk, name: prefix = "" }: LookUpProps) {
  const { word } = useWords();
  const [chosen, setChosen] = useState("");
  const query = queries.find((one) => one.id === chosen) ?? queries[0]!;
  const asked = query.parameters.filter((one) => !query.known.includes(one.name) && one.default === null);
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const values: Parameters = {};
    for (const { name = "", type } of asked) {
      const value = valueTyped(type ?? "text", given.get(name));
      if (value !== null) values[name] = value;
    }
    onAsk(query.id, values);
  }
  return (
    <form id={`${prefix}look-up`} className="row" onSubmit={submit}>
      <label>
        <span className="muted">{word("query")}</span>
        <select
          id={`${prefix}query`}
          className="native"
          value={query.id}
          onChange={(event) => setChosen(event.target.value)}
        >
          {queries.map(({ id, labels }) => (
            <option key={id} value={id}>
              {inLanguage(labels)}
            </option>
          ))}
        </select>
      </label>
      {asked.map(({ name, labels, type = "", required }) => (
        <label key={name}>
          <span className="muted">{inLanguage(labels)}</span>
          <input
            name={name}
            className="native"
            type={INPUTS[type] ?? "text"}
            step={type === "number" ? "any" : undefined}
            autoComplete="off"
            required={required}
          />
        </label>
      ))}
      <Button type="submit">{word("lookUp")}</Button>
    </form>
  );
}

function valueTyped(type: string, given: FormDataEntryValue | null): string | number | boolean | null {
  if (type === "boolean") return given !== null;
  const text = typeof given === "string" ? given.trim() : "";
  if (text === "") return null;
  if (type === "number") return Number(text);
  return type === "moment" ? new Date(text).toISOString() : text;
}
