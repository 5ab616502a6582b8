/** By when tickets are to be answered and solved, and what happens where that is not kept. */

import { Select, TextField } from "../../parts/Fields";
import { OptionalNumber } from "../../parts/OptionalNumber";
import { OptionalSelect } from "../../parts/OptionalSelect";
import { ValueRows } from "../../parts/ValueRows";
import { useWords } from "../../words/words";
import { CLOCKS, type Escalation, PRIORITIES, type Priority, type Target, type Who } from "./type_design";
import { OptionalWhoFields, WhoFields } from "./WhoFields";

export const A_YEAR = 366 * 24 * 60; // minutes

interface TargetsFieldProps {
  targets: Target[];
  onChange(targets: Target[]): void;
}

export function TargetsField({ targets, onChange }: TargetsFieldProps) {
  const { word, named } = useWords();
  return (
    <ValueRows
      label={word("ticketTypes.targets")}
      hint={word("ticketTypes.targetsHint")}
      name="targets"
      rows={targets}
      onChange={onChange}
      blank={(): Target => ({ priority: null, tier: null, response: null, resolution: null })}
      add={word("ticketTypes.addTarget")}
      most={100}
    >
      {(target, change) => (
        <>
          <OptionalSelect
            label={word("ticketTypes.priority")}
            none={word("ticketTypes.any")}
            options={PRIORITIES.map((id) => ({ id, label: named("ticketPriority", id) }))}
            value={target.priority ?? null}
            onChange={(priority) => change({ ...target, priority: priority as Priority | null })}
          />
          <TextField
            name="tier"
            label={word("ticketTypes.tier")}
            placeholder={word("ticketTypes.any")}
            value={target.tier ?? ""}
            onChange={(tier) => change({ ...target, tier: tier || null })}
            maxLength={100}
          />
          {CLOCKS.map((clock) => (
            <OptionalNumber
              key={clock}
              name={clock}
              label={named("clockWithin", clock)}
              value={target[clock] ?? null}
              onChange={(minutes) => change({ ...target, [clock]: minutes })}
              minValue={1}
              maxValue={A_YEAR}
            />
          ))}
        </>
      )}
    </ValueRows>
  );
}

interface EscalationFieldProps {
  escalation: Escalation[];
  onChange(escalation: Escalation[]): void;
}

export function EscalationField({ escalation, onChange }: EscalationFieldProps) {
  const { word, named } = useWords();
  return (
    <ValueRows
      label={word("ticketTypes.escalation")}
      hint={word("ticketTypes.escalationHint")}
      name="escalation"
      rows={escalation}
      onChange={onChange}
      blank={(): Escalation => ({ clock: "resolution", percent: 100, tell: [{ rule: "owner" }] })}
      add={word("ticketTypes.addEscalation")}
      most={20}
    >
      {(one, change, place) => (
        <>
          <Select
            label={word("ticketTypes.clock")}
            options={CLOCKS.map((id) => ({ id, label: named("ticketClock", id) }))}
            value={one.clock}
            onChange={(clock) => change({ ...one, clock: clock as Escalation["clock"] })}
          />
          <OptionalNumber
            name="percent"
            label={word("ticketTypes.percent")}
            value={one.percent}
            onChange={(percent) => change({ ...one, percent: percent ?? 0 })}
            minValue={1}
            maxValue={1000}
            isRequired
          />
          <OptionalSelect
            label={word("ticketTypes.raiseTo")}
            none={word("ticketTypes.staysAsItIs")}
            options={PRIORITIES.map((id) => ({ id, label: named("ticketPriority", id) }))}
            value={one.raise_to ?? null}
            onChange={(to) => change({ ...one, raise_to: to as Priority | null })}
          />
          <OptionalWhoFields
            label={word("ticketTypes.handTo")}
            name={`hand-to-${place}`}
            none={word("ticketTypes.staysAsItIs")}
            who={one.hand_to ?? null}
            onChange={(hand_to) => change({ ...one, hand_to })}
          />
          <ValueRows
            label={word("ticketTypes.tell")}
            name={`tell-${place}`}
            rows={one.tell ?? []}
            onChange={(tell) => change({ ...one, tell })}
            blank={(): Who => ({ rule: "owner" })}
            add={word("ticketTypes.addTold")}
            most={10}
          >
            {(who, changeWho, which) => (
              <WhoFields
                label={word("ticketTypes.who")}
                name={`told-${place}-${which}`}
                who={who}
                onChange={changeWho}
              />
            )}
          </ValueRows>
        </>
      )}
    </ValueRows>
  );
}
