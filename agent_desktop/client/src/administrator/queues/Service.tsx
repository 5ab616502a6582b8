/** Who may serve: the skills that are asked for, and what is asked instead after some waiting. */

import { DurationField } from "../../parts/DurationField";
import { Checkbox, NumberField } from "../../parts/Fields";
import { LevelsField } from "../../parts/LevelsField";
import { ValueRows } from "../../parts/ValueRows";
import { useWords } from "../../words/words";
import { useChoices } from "./choices";
import { Group, type GroupProps } from "./group";
import type { Settings, Step } from "./settings";

export function Service({ settings, set }: GroupProps) {
  const { word } = useWords();
  const { skills } = useChoices();
  return (
    <Group title="queues.who">
      <LevelsField
        name="skills"
        legend={word("queues.skills")}
        hint={word("queues.skillsHint")}
        levels={settings.skills}
        options={skills}
        onChange={(levels) => set({ skills: levels })}
      />
      <AnyOf name="any-of" choices={settings.any_of} onChange={(any_of) => set({ any_of })} />
      <LevelsField
        name="preferred"
        legend={word("queues.preferred")}
        hint={word("queues.preferredHint")}
        levels={settings.preferred}
        options={skills}
        onChange={(preferred) => set({ preferred })}
      />
      <div className="row">
        <Reach value={settings.reach} name="reach" onChange={(reach) => set({ reach })} />
      </div>
      <ValueRows
        name="relax"
        label={word("queues.relax")}
        hint={word("queues.relaxHint")}
        rows={settings.relax}
        blank={() => ({ after: "PT30S", skills: null, any_of: null, reach: null })}
        add={word("queues.addStep")}
        ordered
        onChange={(relax) => set({ relax })}
      >
        {(step, change, place) => (
          <OneStep step={step} change={change} name={`relax-${place}`} settings={settings} />
        )}
      </ValueRows>
    </Group>
  );
}

interface OneStepProps {
  step: Step;
  change(step: Step): void;
  name: string;
  /** With what is asked at first a step begins. */
  settings: Settings;
}

function OneStep({ step, change, name, settings }: OneStepProps) {
  const { word } = useWords();
  const { skills } = useChoices();
  return (
    <>
      <DurationField
        name={`${name}-after`}
        label={word("queues.after")}
        value={step.after}
        onChange={(after) => change({ ...step, after: after ?? step.after })}
      />
      <Checkbox
        isSelected={Boolean(step.skills)}
        onChange={(on) => change({ ...step, skills: on ? settings.skills : null })}
      >
        {word("queues.otherSkills")}
      </Checkbox>
      <Checkbox
        isSelected={Boolean(step.any_of)}
        onChange={(on) => change({ ...step, any_of: on ? settings.any_of : null })}
      >
        {word("queues.otherAnyOf")}
      </Checkbox>
      <Checkbox
        isSelected={typeof step.reach === "number"}
        onChange={(on) => change({ ...step, reach: on ? 10 : null })}
      >
        {word("queues.otherReach")}
      </Checkbox>
      {typeof step.reach === "number" && (
        <Reach value={step.reach} name={`${name}-reach`} onChange={(reach) => change({ ...step, reach })} />
      )}
      {step.skills && (
        <LevelsField
          name={`${name}-skills`}
          legend={word("queues.skills")}
          levels={step.skills}
          options={skills}
          onChange={(levels) => change({ ...step, skills: levels })}
        />
      )}
      {step.any_of && (
        <AnyOf
          name={`${name}-any-of`}
          choices={step.any_of}
          onChange={(any_of) => change({ ...step, any_of })}
        />
      )}
    </>
  );
}

interface ReachProps {
  value: number;
  name: string;
  onChange(value: number): void;
}

function Reach({ value, name, onChange }: ReachProps) {
  const { word } = useWords();
  return (
    <NumberField
      name={name}
      label={word("queues.reach")}
      hint={word("queues.reachHint")}
      value={value}
      minValue={1}
      maxValue={10}
      isRequired
      onChange={onChange}
    />
  );
}

interface AnyOfProps {
  name: string;
  choices: readonly Record<string, number>[];
  onChange(choices: Record<string, number>[]): void;
}

function AnyOf({ name, choices, onChange }: AnyOfProps) {
  const { word } = useWords();
  const { skills } = useChoices();
  return (
    <ValueRows
      name={name}
      label={word("queues.anyOf")}
      hint={word("queues.anyOfHint")}
      rows={choices}
      blank={() => ({})}
      add={word("queues.addAnyOf")}
      onChange={onChange}
    >
      {(levels, change, place) => (
        <LevelsField
          name={`${name}-${place}`}
          legend={word("rowNumber", { number: place + 1 })}
          levels={levels}
          options={skills}
          onChange={change}
        />
      )}
    </ValueRows>
  );
}
