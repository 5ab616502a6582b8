/** What is done for each ticket of a type, one after the other. */

import { LabelsField } from "../../parts/LabelsField";
import { OptionalNumber } from "../../parts/OptionalNumber";
import { Rows } from "../../parts/Rows";
import { inLanguage, useWords } from "../../words/words";
import { ConditionRow } from "../definitions/ConditionRow";
import { WordField } from "../definitions/WordField";
import { type FormDesign, isTwice } from "../forms/design";
import { type Condition, newCondition, TICKET_FIELDS, WAYS } from "./conditions";
import { A_YEAR } from "./TimesFields";
import { newStep, type StepDesign } from "./type_design";
import { OptionalWhoFields, WhoFields } from "./WhoFields";

interface StepsFieldProps {
  steps: StepDesign[];
  onChange(steps: StepDesign[]): void;
  form: FormDesign;
}

export function StepsField({ steps, onChange, form }: StepsFieldProps) {
  const { word } = useWords();
  return (
    <Rows
      label={word("ticketTypes.steps")}
      name="steps"
      rows={steps}
      onChange={onChange}
      blank={newStep}
      add={word("ticketTypes.addStep")}
      nameOf={({ labels, name }) => inLanguage({ ...labels }) || name || word("ticketTypes.newStep")}
      ordered
      most={30}
    >
      {(step, change) => (
        <StepFields
          step={step}
          change={change}
          isTaken={isTwice(step, steps, ({ name }) => name)}
          form={form}
        />
      )}
    </Rows>
  );
}

interface StepFieldsProps {
  step: StepDesign;
  change(step: StepDesign): void;
  isTaken: boolean;
  form: FormDesign;
}

function StepFields({ step, change, isTaken, form }: StepFieldsProps) {
  const { word, named } = useWords();
  return (
    <>
      <LabelsField prefix="step-" labels={step.labels} onChange={(labels) => change({ ...step, labels })} />
      <div className="row">
        <WordField
          name="step"
          label={word("id")}
          isTaken={isTaken}
          value={step.name}
          onChange={(name) => change({ ...step, name })}
        />
        <WhoFields
          label={word("ticketTypes.who")}
          name={`who-${step.key}`}
          who={step.who}
          onChange={(who) => change({ ...step, who })}
        />
      </div>
      <div className="row">
        <OptionalNumber
          name="remind"
          label={word("ticketTypes.remind")}
          value={step.remind}
          onChange={(remind) => change({ ...step, remind })}
          minValue={1}
          maxValue={A_YEAR}
        />
        <OptionalNumber
          name="due"
          label={word("ticketTypes.due")}
          value={step.due}
          onChange={(due) => change({ ...step, due })}
          minValue={1}
          maxValue={A_YEAR}
        />
        <OptionalWhoFields
          label={word("ticketTypes.thenTo")}
          name={`then-to-${step.key}`}
          none={word("ticketTypes.staysAsItIs")}
          who={step.then_to}
          onChange={(then_to) => change({ ...step, then_to })}
        />
      </div>
      <Rows
        label={word("ticketTypes.when")}
        name={`when-${step.key}`}
        rows={step.when}
        onChange={(when) => change({ ...step, when })}
        blank={newCondition}
        add={word("ticketTypes.addWhen")}
        nameOf={({ field }) => named("ticketField", field)}
        most={10}
      >
        {(one, changeOne) => <ConditionFields of={one} change={changeOne} form={form} />}
      </Rows>
    </>
  );
}

interface ConditionFieldsProps {
  of: Condition;
  change(to: Condition): void;
  form: FormDesign;
}

function ConditionFields({ of, change, form }: ConditionFieldsProps) {
  const { word, named } = useWords();
  const fields = [
    ...TICKET_FIELDS.map((id) => ({ id, label: named("ticketField", id) })),
    ...form.fields.flatMap(({ name, labels }) =>
      name ? [{ id: `form.${name}`, label: inLanguage({ ...labels }) || name }] : [],
    ),
  ];
  return (
    <ConditionRow
      of={of}
      change={(to) => change({ ...of, ...to })}
      labels={{
        field: word("ticketTypes.field"),
        way: word("ticketTypes.way"),
        value: word("ticketTypes.value"),
      }}
      fields={fields}
      ways={WAYS.map((id) => ({ id, label: named("conditionWay", id) }))}
      hint={named("conditionHint", of.way)}
      isRequired={of.way !== "equals"}
    />
  );
}
