/** Which of those who may serve, and in which order contacts come. */

import { DurationField } from "../../parts/DurationField";
import { NumberField, Select, TextField } from "../../parts/Fields";
import { useWords } from "../../words/words";
import { useChoices } from "./choices";
import { Group, type GroupProps } from "./group";
import type { Settings } from "./settings";

const WEIGHTS = ["skill", "region", "work", "idle"] as const;
const KEEP_FOR = ["owner", "last", "owner_then_last"] as const;
const SPREAD = ["balance", "fill"] as const;

export function Distribution({ settings, set }: GroupProps) {
  const { word, named } = useWords();
  const { policies } = useChoices();
  const offered = [...new Set([...policies, settings.policy])];
  return (
    <Group title="queues.how">
      <div className="row">
        <Select
          id="policy"
          label={word("queues.policy")}
          value={settings.policy}
          options={offered.map((id) => ({ id, label: named("policy", id) }))}
          onChange={(policy) => set(policy === "scored" ? { policy } : { policy, weights: {} })}
        />
        <TextField
          name="work"
          label={word("queues.work")}
          hint={word("queues.workHint")}
          value={settings.work}
          onChange={(work) => set({ work })}
        />
        <Select
          id="spread"
          label={word("queues.spread")}
          value={settings.spread}
          options={SPREAD.map((id) => ({ id, label: named("spread", id) }))}
          onChange={(spread) => set({ spread: spread as Settings["spread"] })}
        />
        <NumberField
          name="max_served"
          label={word("queues.maxServed")}
          hint={word("queues.noBound")}
          value={settings.max_served ?? Number.NaN}
          minValue={1}
          onChange={(bound) => set({ max_served: Number.isNaN(bound) ? null : bound })}
        />
      </div>
      {settings.policy === "scored" && <Weights settings={settings} set={set} />}
      <div className="row">
        <DurationField
          name="keep_for_agent"
          label={word("queues.keepForAgent")}
          value={settings.keep_for_agent}
          onChange={(time) => set({ keep_for_agent: time ?? "PT0S" })}
        />
        <Select
          id="keep_for"
          label={word("queues.keepFor")}
          value={settings.keep_for}
          options={KEEP_FOR.map((id) => ({ id, label: named("keepFor", id) }))}
          onChange={(whom) => set({ keep_for: whom as Settings["keep_for"] })}
        />
        <DurationField
          name="yields"
          label={`${word("queues.yields")} (${word("queues.yieldsHint")})`}
          value={settings.yields}
          onChange={(time) => set({ yields: time ?? "PT0S" })}
        />
      </div>
    </Group>
  );
}

function Weights({ settings, set }: GroupProps) {
  const { word, named } = useWords();
  function become(name: string, weight: number) {
    const others = Object.entries(settings.weights).filter(([one]) => one !== name);
    set({ weights: Object.fromEntries(Number.isNaN(weight) ? others : [...others, [name, weight]]) });
  }
  return (
    <fieldset className="levels">
      <legend>{word("queues.weights")}</legend>
      <div className="row">
        {WEIGHTS.map((name) => (
          <NumberField
            key={name}
            name={`weight-${name}`}
            label={named("weight", name)}
            value={settings.weights[name] ?? Number.NaN}
            minValue={0}
            maxValue={1000}
            onChange={(weight) => become(name, weight)}
          />
        ))}
      </div>
    </fieldset>
  );
}
