import { Select, TextField } from "../../parts/Fields";
import { useWords } from "../../words/words";
import { useChoices } from "./choices";
import { readWay, type WayKind, writtenWay } from "./way";

const KINDS: readonly WayKind[] = ["call_back", "queue", "number", "hang_up"];

interface WayFieldProps {
  name: string;
  way: string;
  onChange(way: string): void;
  /** The queue that is left: it is no way out of itself. */
  from: string;
}

export function WayField({ name, way, onChange, from }: WayFieldProps) {
  const { word, named } = useWords();
  const { queues } = useChoices();
  const others = queues.filter(({ id }) => id !== from);
  const { kind, to } = readWay(way);
  function become(next: WayKind) {
    onChange(writtenWay({ kind: next, to: next === "queue" ? (others[0]?.id ?? "") : "" }));
  }
  return (
    <>
      <Select
        id={`${name}-then`}
        label={word("queues.then")}
        value={kind}
        options={KINDS.filter((one) => one !== "queue" || others.length > 0 || kind === "queue").map(
          (id) => ({
            id,
            label: named("way", id),
          }),
        )}
        onChange={(next) => become(next as WayKind)}
      />
      {kind === "queue" && (
        <Select
          id={`${name}-queue`}
          label={word("queue")}
          value={to}
          options={others}
          onChange={(queue) => onChange(writtenWay({ kind, to: queue }))}
        />
      )}
      {kind === "number" && (
        <TextField
          name={`${name}-number`}
          label={word("number")}
          hint={word("queues.numberHint")}
          value={to}
          onChange={(number) => onChange(writtenWay({ kind, to: number }))}
          isRequired
          maxLength={190}
        />
      )}
    </>
  );
}
