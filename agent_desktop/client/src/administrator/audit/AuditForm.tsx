import { type FormEvent, useId } from "react";
import { Button } from "../../parts/Button";
import { named, useWords } from "../../words/words";
import { type Entry, seen, type Wanted, wantedOf } from "./wanted";

interface AuditFormProps {
  /** Those that are shown: what they have is offered. */
  entries: readonly Entry[];
  onSearch(wanted: Wanted): void;
}

export function AuditForm({ entries, onSearch }: AuditFormProps) {
  const { word } = useWords();
  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    onSearch(wantedOf(new FormData(event.currentTarget)));
  }
  return (
    <form className="card row search" onSubmit={send}>
      <Typed name="actor" label={word("audit.actor")} offered={seen(entries, "actor")} />
      <Typed
        name="action"
        label={word("audit.action")}
        offered={seen(entries, "action")}
        kind="auditAction"
      />
      <Typed
        name="record"
        label={word("audit.record")}
        offered={seen(entries, "record")}
        kind="auditRecord"
      />
      <Typed name="record_id" label={word("audit.recordId")} />
      <Typed name="since" label={word("audit.since")} type="datetime-local" />
      <Typed name="until" label={word("audit.until")} type="datetime-local" />
      <Button id="audit-search" type="submit" look="primary">
        {word("search")}
      </Button>
    </form>
  );
}

interface TypedProps {
  name: string;
  label: string;
  type?: string;
  offered?: readonly string[];
  /** By which words they are offered; what is sent is the server's own name. */
  kind?: string;
}

function Typed({ name, label, type = "text", offered = [], kind = "" }: TypedProps) {
  const list = useId();
  return (
    <label className="field">
      <span>{label}</span>
      <input name={name} type={type} list={offered.length ? list : undefined} autoComplete="off" />
      {offered.length > 0 && (
        <datalist id={list}>
          {offered.map((each) => (
            <option key={each} value={each}>
              {kind ? named(kind, each) : each}
            </option>
          ))}
        </datalist>
      )}
    </label>
  );
}
