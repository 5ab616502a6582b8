/** How callers leave the queue without an agent: by rules, and by keys. */

import { DurationField } from "../../parts/DurationField";
import { NumberField, Select } from "../../parts/Fields";
import { TextsField } from "../../parts/TextsField";
import { ValueRows } from "../../parts/ValueRows";
import { useWords } from "../../words/words";
import { useChoices } from "./choices";
import { Group, type GroupProps } from "./group";
import { type ExitRow, exitRows, exitsOf, freeKey, KEYS, type Overflow, ruleOf } from "./settings";
import { WayField } from "./WayField";

const WHEN = ["closed", "nobody_there", "size", "waited", "expected_wait"] as const;
const LOOKED_AT = ["on_arrival", "while_waiting", "always"] as const;
const USUAL = "usual";

export function Overflows({ settings, set }: GroupProps) {
  const { word } = useWords();
  return (
    <Group title="queues.overflow">
      <ValueRows
        name="overflow"
        label={word("queues.overflow")}
        hint={word("queues.overflowHint")}
        rows={settings.overflow}
        most={20}
        blank={(): Overflow => ({ when: "waited", time: "PT1M", size: null, then: "call_back" })}
        add={word("queues.addRule")}
        ordered
        onChange={(overflow) => set({ overflow })}
      >
        {(rule, change, place) => (
          <Rule rule={rule} change={change} name={`overflow-${place}`} from={settings.name} />
        )}
      </ValueRows>
    </Group>
  );
}

interface RuleProps {
  rule: Overflow;
  change(rule: Overflow): void;
  name: string;
  from: string;
}

function Rule({ rule, change, name, from }: RuleProps) {
  const { word, named } = useWords();
  const { languages } = useChoices();
  return (
    <>
      <Select
        id={`${name}-when`}
        label={word("queues.when")}
        value={rule.when}
        options={WHEN.map((id) => ({ id, label: named("overflow", id) }))}
        onChange={(when) => change(ruleOf(rule, when as Overflow["when"]))}
      />
      {rule.when === "size" && (
        <NumberField
          name={`${name}-size`}
          label={word("queues.place")}
          value={rule.size ?? Number.NaN}
          minValue={0}
          isRequired
          onChange={(size) => change({ ...rule, size })}
        />
      )}
      {(rule.when === "waited" || rule.when === "expected_wait") && (
        <DurationField
          name={`${name}-time`}
          label={word("queues.time")}
          value={rule.time ?? null}
          onChange={(time) => change({ ...rule, time: time ?? rule.time })}
        />
      )}
      {rule.when !== "waited" && (
        <Select
          id={`${name}-looked-at`}
          label={word("queues.lookedAt")}
          value={rule.looked_at ?? USUAL}
          options={[USUAL, ...LOOKED_AT].map((id) => ({ id, label: named("lookedAt", id) }))}
          onChange={(at) =>
            change({ ...rule, looked_at: at === USUAL ? undefined : (at as Overflow["looked_at"]) })
          }
        />
      )}
      <WayField name={name} way={rule.then} from={from} onChange={(then) => change({ ...rule, then })} />
      <TextsField
        name={`${name}-say`}
        label={word("queues.say")}
        texts={rule.say ?? {}}
        languages={languages}
        onChange={(say) => change({ ...rule, say })}
      />
    </>
  );
}

export function Exits({ settings, set }: GroupProps) {
  const { word } = useWords();
  const rows = exitRows(settings.exits);
  return (
    <Group title="queues.exits">
      <ValueRows
        name="exits"
        label={word("queues.exits")}
        rows={rows}
        most={KEYS.length}
        blank={() => ({ key: freeKey(rows) ?? "", then: "call_back" })}
        add={word("queues.addExit")}
        onChange={(next) => set({ exits: exitsOf(next) })}
      >
        {(exit, change) => (
          <OneExit
            exit={exit}
            change={change}
            keys={KEYS.filter((key) => key === exit.key || rows.every((row) => row.key !== key))}
            from={settings.name}
          />
        )}
      </ValueRows>
    </Group>
  );
}

interface OneExitProps {
  exit: ExitRow;
  change(exit: ExitRow): void;
  keys: readonly string[];
  from: string;
}

function OneExit({ exit, change, keys, from }: OneExitProps) {
  const { word } = useWords();
  const { languages } = useChoices();
  const name = `exit-${exit.key}`;
  return (
    <>
      <Select
        id={`${name}-key`}
        label={word("queues.key")}
        value={exit.key}
        options={keys.map((id) => ({ id, label: id }))}
        onChange={(key) => change({ ...exit, key })}
      />
      <WayField name={name} way={exit.then} from={from} onChange={(then) => change({ ...exit, then })} />
      <TextsField
        name={`${name}-offer`}
        label={word("queues.offer")}
        texts={exit.offer ?? {}}
        languages={languages}
        onChange={(offer) => change({ ...exit, offer })}
      />
      <TextsField
        name={`${name}-say`}
        label={word("queues.say")}
        texts={exit.say ?? {}}
        languages={languages}
        onChange={(say) => change({ ...exit, say })}
      />
    </>
  );
}
