import { useQuery } from "@tanstack/react-query";
import { Select } from "../../parts/Fields";
import { api, got } from "../../server/rest";
import { useWords } from "../../words/words";
import { useChoices } from "../queues/choices";
import { type Destination, type DestinationKind, KINDS, kindOf, to } from "./destination";

interface DestinationFieldsProps {
  name: string;
  destination: Destination;
  onChange(destination: Destination): void;
}

/** A flow, a queue without a menu and the language that is spoken there, or a fax machine. */
export function DestinationFields({ name, destination, onChange }: DestinationFieldsProps) {
  const { word, named } = useWords();
  const { queues, languages } = useChoices();
  const flows = useQuery({ queryKey: ["flows"], queryFn: () => got(api.GET("/api/v1/flows")) });
  const running = (flows.data ?? []).filter(({ in_force }) => in_force).map(({ name: id }) => id);
  const { flow, queue, language } = destination;
  const kind = kindOf(destination);
  const ids = queues.map(({ id }) => id);
  const some = { flow: running, queue: ids, fax: ids };
  return (
    <>
      <Select
        id={`${name}-kind`}
        label={word("numbers.kind")}
        value={kind}
        options={KINDS.map((id) => ({ id, label: named("destination", id) }))}
        onChange={(next) => {
          const become = next as DestinationKind;
          if (become !== kind)
            onChange(to(become, become !== "flow" && queue ? queue : (some[become][0] ?? "")));
        }}
      />
      {kind === "flow" && (
        <Select
          id={`${name}-flow`}
          label={word("numbers.flow")}
          value={flow || null}
          options={[...new Set([...running, ...(flow ? [flow] : [])])].map((id) => ({ id, label: id }))}
          onChange={(next) => onChange(to("flow", next))}
        />
      )}
      {kind !== "flow" && (
        <Select
          id={`${name}-queue`}
          label={word("queue")}
          value={queue ?? null}
          options={queues}
          onChange={(next) => onChange(to(kind, next, language))}
        />
      )}
      {kind === "queue" && (
        <Select
          id={`${name}-language`}
          label={word("language")}
          hint={word("numbers.languageHint")}
          value={language ?? ""}
          options={[
            { id: "", label: word("numbers.usual") },
            ...languages.map((id) => ({ id, label: named("languageName", id) })),
          ]}
          onChange={(next) => onChange(to("queue", queue ?? "", next))}
        />
      )}
    </>
  );
}
