/** The states of a type of tickets, and from which to which a ticket may be moved. */

import { ChoicesField } from "../../parts/ChoicesField";
import { Checkbox, type Option, Select } from "../../parts/Fields";
import { LabelsField } from "../../parts/LabelsField";
import { Rows } from "../../parts/Rows";
import { inLanguage, useWords } from "../../words/words";
import { WordField } from "../definitions/WordField";
import { isTwice } from "../forms/design";
import { newState, PACES, type Pace, type StateDesign } from "./type_design";

interface StatesFieldProps {
  states: StateDesign[];
  initial: number | null;
  onChange(change: { states?: StateDesign[]; initial?: number }): void;
}

export const stateName = ({ labels, name }: StateDesign): string => inLanguage({ ...labels }) || name;

export const stateOptions = (states: readonly StateDesign[]): Option[] =>
  states.map((one) => ({ id: String(one.key), label: stateName(one) }));

export function StatesField({ states, initial, onChange }: StatesFieldProps) {
  const { word } = useWords();
  const known = stateOptions(states);
  return (
    <>
      <Rows
        label={word("ticketTypes.states")}
        name="states"
        rows={states}
        onChange={(to) => onChange({ states: to })}
        blank={newState}
        add={word("ticketTypes.addState")}
        nameOf={(one) => stateName(one) || word("ticketTypes.newState")}
        most={30}
      >
        {(state, change) => (
          <StateFields
            state={state}
            change={change}
            isTaken={isTwice(state, states, ({ name }) => name)}
            ways={known.filter(({ id }) => id !== String(state.key))}
          />
        )}
      </Rows>
      <Select
        id="initial"
        label={word("ticketTypes.initial")}
        options={known}
        value={initial === null ? null : String(initial)}
        onChange={(to) => onChange({ initial: Number(to) })}
      />
    </>
  );
}

interface StateFieldsProps {
  state: StateDesign;
  change(state: StateDesign): void;
  isTaken: boolean;
  /** The other states. */
  ways: readonly Option[];
}

function StateFields({ state, change, isTaken, ways }: StateFieldsProps) {
  const { word, named } = useWords();
  const known = new Set(ways.map(({ id }) => id));
  return (
    <>
      <LabelsField
        prefix="state-"
        labels={state.labels}
        onChange={(labels) => change({ ...state, labels })}
      />
      <div className="row">
        <WordField
          name="state"
          label={word("id")}
          hint={word("ticketTypes.stateHint")}
          isTaken={isTaken}
          value={state.name}
          onChange={(name) => change({ ...state, name })}
        />
        <Select
          label={word("ticketTypes.pace")}
          options={PACES.map((id) => ({ id, label: named("pace", id) }))}
          value={state.pace}
          onChange={(pace) => change({ ...state, pace: pace as Pace })}
          isDisabled={state.ends}
        />
      </div>
      <div className="row">
        <Checkbox isSelected={state.responded} onChange={(responded) => change({ ...state, responded })}>
          {word("ticketTypes.responded")}
        </Checkbox>
        <Checkbox
          isSelected={state.ends}
          onChange={(ends) => change({ ...state, ends, pace: ends ? "stopped" : state.pace })}
        >
          {word("ticketTypes.ends")}
        </Checkbox>
      </div>
      <ChoicesField
        label={word("ticketTypes.moves")}
        options={ways}
        chosen={state.moves.map(String).filter((key) => known.has(key))}
        onChange={(moves) => change({ ...state, moves: moves.map(Number) })}
      />
    </>
  );
}
