/** What agents are advised to do, and for which customers. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Failure } from "../../parts/Failure";
import { Checkbox } from "../../parts/Fields";
import { LabelsField, NO_LABELS } from "../../parts/LabelsField";
import { Rows } from "../../parts/Rows";
import { reads } from "../../server/reads";
import { api, got, type Schemas } from "../../server/rest";
import { inLanguage, named, useWords, word } from "../../words/words";
import { ConditionRow } from "../definitions/ConditionRow";
import { DefinitionPages } from "../definitions/DefinitionPages";
import { Editing } from "../definitions/Editing";
import type { EditorProps, Kind } from "../definitions/kind";
import { PlaceField } from "../definitions/PlaceField";
import { WordField } from "../definitions/WordField";
import { COMPARISONS, type Condition, FACTS, kept, newCondition, typed } from "./conditions";

type Rule = Schemas["NextActionRuleView"];

const KIND: Kind<Rule> = {
  path: "next-actions",
  title: "nextActions.title",
  add: "nextActions.add",
  empty: "nextActions.none",
  columns: () => [
    { id: "advice", label: word("nextActions.advice"), cell: ({ labels }) => inLanguage({ ...labels }) },
    {
      id: "when",
      label: word("nextActions.when"),
      cell: ({ conditions }) => conditions.map(inWords).join("; ") || word("nextActions.always"),
    },
    { id: "position", label: word("placeInOrder"), cell: ({ position }) => position, number: true },
    { id: "enabled", label: word("inUse"), cell: ({ enabled }) => word(enabled ? "inUse" : "notInUse") },
  ],
  list: () => got(api.GET("/api/v1/next-actions")),
  nameOf: ({ labels }) => inLanguage({ ...labels }),
  Editor: RuleEditor,
  remove: ({ id, version }) =>
    got(
      api.DELETE("/api/v1/next-actions/{rule_id}", { params: { path: { rule_id: id }, query: { version } } }),
    ),
};

export default function NextActionsPage() {
  return <DefinitionPages kind={KIND} />;
}

function inWords({ field, comparison, value }: Schemas["ConditionPart"]): string {
  const values = Array.isArray(value) ? value.join(", ") : String(value);
  return `${named("fact", field)} ${named("comparison", comparison)} ${values}`;
}

function RuleEditor({ of, onSaved }: EditorProps<Rule>) {
  const { word } = useWords();
  const [action, setAction] = useState(of?.action ?? "");
  const [labels, setLabels] = useState(of?.labels ?? NO_LABELS);
  const [position, setPosition] = useState<number | null>(of?.position ?? 0);
  const [conditions, setConditions] = useState(() => (of?.conditions ?? []).map(typed));
  const [enabled, setEnabled] = useState(of?.enabled ?? true);
  const fields = useQuery(reads.customerFields);
  const own = (fields.data ?? []).map(({ name, type, labels }) => ({
    id: `attributes.${name}`,
    label: inLanguage({ ...labels }) || name,
    type,
  }));
  function save(): Promise<Rule> {
    const types = Object.fromEntries(own.map(({ id, type }) => [id, type]));
    const body = {
      action,
      labels,
      position: position ?? 0,
      conditions: conditions.map((one) => kept(one, types)),
      enabled,
    };
    if (!of) return got(api.POST("/api/v1/next-actions", { body }));
    const params = { path: { rule_id: of.id } };
    return got(
      api.PATCH("/api/v1/next-actions/{rule_id}", { params, body: { ...body, version: of.version } }),
    );
  }
  return (
    <Editing save={save} onSaved={onSaved}>
      <Failure of={fields.error} />
      <LabelsField what={word("nextActions.advice")} labels={labels} onChange={setLabels} />
      <div className="row">
        <WordField
          name="action"
          label={word("nextActions.action")}
          hint={word("nextActions.actionHint")}
          value={action}
          onChange={setAction}
        />
        <PlaceField value={position} onChange={setPosition} maxValue={1_000_000} isRequired />
      </div>
      <Rows
        label={word("nextActions.allOf")}
        name="conditions"
        rows={conditions}
        onChange={setConditions}
        blank={newCondition}
        add={word("nextActions.addCondition")}
        nameOf={({ field }) => own.find(({ id }) => id === field)?.label ?? named("fact", field)}
        most={20}
      >
        {(one, change) => <ConditionFields of={one} own={own} change={change} />}
      </Rows>
      <Checkbox isSelected={enabled} onChange={setEnabled}>
        {word("inUse")}
      </Checkbox>
    </Editing>
  );
}

interface ConditionProps {
  of: Condition;
  own: readonly { id: string; label: string }[];
  change(to: Condition): void;
}

function ConditionFields({ of, own, change }: ConditionProps) {
  const { word, named } = useWords();
  return (
    <ConditionRow
      of={{ ...of, way: of.comparison }}
      change={({ way = of.comparison, ...to }) => change({ ...of, ...to, comparison: way })}
      labels={{
        field: word("nextActions.fact"),
        way: word("nextActions.comparison"),
        value: word("nextActions.value"),
      }}
      fields={[...FACTS.map((id) => ({ id, label: named("fact", id) })), ...own]}
      ways={COMPARISONS.map((id) => ({ id, label: named("comparison", id) }))}
      hint={word("nextActions.valueHint")}
      isRequired
    />
  );
}
