import { useState } from "react";
import { Failure } from "../../parts/Failure";
import { Checkbox, NumberField, Select } from "../../parts/Fields";
import { LabelsField } from "../../parts/LabelsField";
import { OptionalNumber } from "../../parts/OptionalNumber";
import { api, got } from "../../server/rest";
import { useWords } from "../../words/words";
import { Editing } from "../definitions/Editing";
import type { EditorProps } from "../definitions/kind";
import { useQueueOptions, useTeamOptions, useTrunkOptions } from "../definitions/options";
import {
  type Draft,
  defined,
  drafted,
  isOfContacts,
  MEASURES,
  type Measure,
  type Rule,
  SEVERITIES,
  type Severity,
  type Subject,
  unitOf,
  type Way,
  type Window,
  windowsOf,
  withMeasure,
  withSubject,
} from "./alert_rule";

const EACH = "each of them"; // no name has spaces
const WAYS: readonly Way[] = ["above", "below"];
const FORMATS: Record<ReturnType<typeof unitOf>, Intl.NumberFormatOptions> = {
  contacts: { maximumFractionDigits: 0 },
  seconds: { style: "unit", unit: "second", unitDisplay: "short" },
  share: { style: "percent", maximumFractionDigits: 2 },
};
const LONGEST = 3600; // seconds

export function RuleEditor({ of, onSaved }: EditorProps<Rule>) {
  const { word, named } = useWords();
  const [draft, setDraft] = useState(() => drafted(of?.definition ?? null));
  const set = (news: Partial<Draft>) => setDraft({ ...draft, ...news });
  const { subject, measure, way } = draft;
  const unit = unitOf(measure);
  const windows = windowsOf(measure);
  const options = (kind: string, ids: readonly string[]) => ids.map((id) => ({ id, label: named(kind, id) }));
  function save(): Promise<Rule> {
    const definition = defined(draft);
    if (!of) return got(api.POST("/api/v1/alert-rules", { body: definition }));
    return got(
      api.PATCH("/api/v1/alert-rules/{definition_id}", {
        params: { path: { definition_id: of.id } },
        body: { version: of.version, definition },
      }),
    );
  }
  return (
    <Editing save={save} onSaved={onSaved}>
      <LabelsField
        what={word("alertRules.says")}
        labels={draft.labels}
        onChange={(labels) => set({ labels })}
      />
      <div className="row">
        <Select
          id="rule-severity"
          label={word("alertRules.severity")}
          options={options("gravity", SEVERITIES)}
          value={draft.severity}
          onChange={(severity) => set({ severity: severity as Severity })}
        />
        <Select
          id="rule-subject"
          label={word("alertRules.of")}
          options={options("ruleOf", Object.keys(MEASURES))}
          value={subject}
          onChange={(to) => setDraft(withSubject(draft, to as Subject))}
        />
        {subject !== "centre" && (
          <NameField subject={subject} value={draft.name} onChange={(name) => set({ name })} />
        )}
      </div>
      <div className="row">
        <Select
          id="rule-measure"
          label={word("alertRules.measure")}
          options={options("measure", MEASURES[subject])}
          value={measure}
          onChange={(to) => setDraft(withMeasure(draft, to as Measure))}
        />
        {windows.length > 0 && (
          <Select
            id="rule-window"
            label={word("alertRules.window")}
            options={options("ruleWindow", windows)}
            value={draft.window}
            onChange={(window) => set({ window: window as Window })}
          />
        )}
        <Select
          id="rule-way"
          label={word("alertRules.way")}
          options={options("side", WAYS)}
          value={way}
          onChange={(to) => set({ way: to as Way })}
        />
        <NumberField
          key={`bound ${unit}`}
          name="bound"
          label={word("alertRules.bound")}
          value={draft.bound ?? Number.NaN}
          onChange={(typed) => set({ bound: Number.isNaN(typed) ? null : typed })}
          minValue={0}
          formatOptions={FORMATS[unit]}
          isRequired
        />
      </div>
      <div className="row">
        <NumberField
          key={`over ${unit}`}
          name="over_at"
          label={word("alertRules.overAt")}
          hint={word("alertRules.overAtHint")}
          value={draft.overAt ?? Number.NaN}
          onChange={(typed) => set({ overAt: Number.isNaN(typed) ? null : typed })}
          minValue={0}
          formatOptions={FORMATS[unit]}
        />
        <OptionalNumber
          name="lasts"
          label={word("alertRules.lasts")}
          value={draft.lasts}
          onChange={(lasts) => set({ lasts })}
          minValue={0}
          maxValue={LONGEST}
          isRequired
        />
        <OptionalNumber
          name="over_for"
          label={word("alertRules.overFor")}
          value={draft.overFor}
          onChange={(overFor) => set({ overFor })}
          minValue={0}
          maxValue={LONGEST}
          isRequired
        />
        {isOfContacts(measure) && (
          <OptionalNumber
            name="at_least"
            label={word("alertRules.atLeast")}
            hint={word("alertRules.atLeastHint")}
            value={draft.atLeast}
            onChange={(atLeast) => set({ atLeast })}
            minValue={0}
            maxValue={100_000}
            isRequired
          />
        )}
      </div>
      <Checkbox isSelected={draft.enabled} onChange={(enabled) => set({ enabled })}>
        {word("inUse")}
      </Checkbox>
    </Editing>
  );
}

interface NameProps {
  subject: Exclude<Subject, "centre">;
  value: string | null;
  onChange(name: string | null): void;
}

const CHOICES = { queue: useQueueOptions, team: useTeamOptions, trunk: useTrunkOptions };

/** Which one, or each by itself. Another subject is another field, whose names are read by another hook. */
function NameField(props: NameProps) {
  return <NameOf key={props.subject} {...props} />;
}

function NameOf({ subject, value, onChange }: NameProps) {
  const { named } = useWords();
  const { options, error } = CHOICES[subject]();
  const known = options.some(({ id }) => id === value) || value === null;
  const gone = known ? [] : [{ id: value, label: value }];
  return (
    <>
      <Select
        id="rule-name"
        label={named("ruleOf", subject)}
        options={[{ id: EACH, label: named("each", subject) }, ...options, ...gone]}
        value={value ?? EACH}
        onChange={(id) => onChange(id === EACH ? null : id)}
      />
      <Failure of={error} />
    </>
  );
}
