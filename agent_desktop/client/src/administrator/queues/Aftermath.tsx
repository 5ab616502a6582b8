/** By what the queue is judged, what is kept of its calls, and what it shows to customers it calls. */

import { DurationField } from "../../parts/DurationField";
import { Checkbox, NumberField, Select, TextField } from "../../parts/Fields";
import { useWords } from "../../words/words";
import { useChoices } from "./choices";
import { Group, type GroupProps } from "./group";
import type { Settings } from "./settings";

const FORMULAS = ["long_abandons", "offered", "answered", "late_abandons", "abandons_in_time"] as const;

export function ServiceLevel({ settings, set }: GroupProps) {
  const { word, named } = useWords();
  const level = settings.service_level;
  const change = (to: Partial<Settings["service_level"]>) => set({ service_level: { ...level, ...to } });
  return (
    <Group title="queues.serviceLevel">
      <div className="row">
        <DurationField
          name="within"
          label={word("queues.within")}
          value={level.within}
          onChange={(within) => change({ within: within ?? level.within })}
        />
        <NumberField
          name="share"
          label={word("queues.share")}
          value={Math.round(level.share * 1000) / 10}
          minValue={0.1}
          maxValue={100}
          step={0.1}
          isRequired
          onChange={(percent) => change({ share: Math.round(percent * 10) / 1000 })}
        />
        <Select
          id="formula"
          label={word("queues.formula")}
          value={level.formula}
          options={FORMULAS.map((id) => ({ id, label: named("formula", id) }))}
          onChange={(formula) => change({ formula: formula as typeof level.formula })}
        />
        <DurationField
          name="short_abandon"
          label={word("queues.shortAbandon")}
          value={level.short_abandon}
          onChange={(time) => change({ short_abandon: time ?? level.short_abandon })}
        />
      </div>
    </Group>
  );
}

export function AfterTalk({ settings, set }: GroupProps) {
  const { word } = useWords();
  const { surveys } = useChoices();
  return (
    <Group title="queues.afterTalk">
      <div className="row">
        <Select
          id="survey"
          label={word("queues.survey")}
          value={settings.survey ?? ""}
          options={[{ id: "", label: word("queues.noSurvey") }, ...surveys.map((id) => ({ id, label: id }))]}
          onChange={(survey) => set({ survey: survey || null })}
        />
        <Checkbox isSelected={settings.record} onChange={(record) => set({ record })}>
          {word("queues.record")}
        </Checkbox>
      </div>
    </Group>
  );
}

export function CallsOut({ settings, set }: GroupProps) {
  const { word } = useWords();
  return (
    <Group title="queues.out">
      <div className="row">
        <DurationField
          name="customer_ring_for"
          label={word("queues.customerRingFor")}
          value={settings.customer_ring_for}
          onChange={(time) => set({ customer_ring_for: time ?? settings.customer_ring_for })}
        />
        <TextField
          name="caller_id"
          label={word("queues.callerId")}
          hint={word("queues.callerIdHint")}
          value={settings.caller_id ?? ""}
          onChange={(number) => set({ caller_id: number || null })}
          pattern="\+?[0-9*#]{1,32}"
        />
        <Checkbox isSelected={settings.mask_numbers} onChange={(mask_numbers) => set({ mask_numbers })}>
          {word("queues.maskNumbers")}
        </Checkbox>
      </div>
    </Group>
  );
}
