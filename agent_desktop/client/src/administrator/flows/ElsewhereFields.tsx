import { Button } from "../../parts/Button";
import { Select, TextField } from "../../parts/Fields";
import { useWords, type Word } from "../../words/words";
import { type Elsewhere, OUTCOMES, type Outcome } from "./outside";

interface ElsewhereFieldsProps {
  of: Elsewhere;
  onChange(one: Elsewhere): void;
  onRemove(): void;
}

const TOLD: Record<Elsewhere["kind"], Word> = {
  requests: "flows.values",
  look_ups: "flows.values",
  tickets: "flows.ticketNumber",
  faxes: "flows.documentTitle",
};
const KINDS = Object.keys(OUTCOMES) as Elsewhere["kind"][];

export function ElsewhereFields({ of, onChange, onRemove }: ElsewhereFieldsProps) {
  const { word, named } = useWords();
  const isSet = of.kind === "requests" || of.kind === "look_ups";
  return (
    <fieldset>
      <legend>{named("elsewhere", of.kind)}</legend>
      <div className="row">
        <Select
          label={word("flows.askedKind")}
          value={of.kind}
          onChange={(value) => {
            const kind = KINDS.find((each) => each === value);
            if (kind) onChange({ ...of, kind, outcome: "answered" });
          }}
          options={KINDS.map((each) => ({ id: each, label: named("elsewhere", each) }))}
        />
        <TextField
          label={word("flows.askedName")}
          value={of.name}
          onChange={(name) => onChange({ ...of, name })}
        />
        <Select
          label={word("flows.outcome")}
          value={of.outcome}
          onChange={(outcome) => onChange({ ...of, outcome: outcome as Outcome })}
          options={OUTCOMES[of.kind].map((each) => ({ id: each, label: named("elsewhereSays", each) }))}
        />
      </div>
      {of.outcome === "answered" && (
        <TextField
          label={word(TOLD[of.kind])}
          hint={isSet ? word("flows.valuesHint") : undefined}
          lines={isSet ? 3 : 1}
          value={of.told}
          onChange={(told) => onChange({ ...of, told })}
        />
      )}
      <div>
        <Button onPress={onRemove}>{word("flows.removeElsewhere")}</Button>
      </div>
    </fieldset>
  );
}
