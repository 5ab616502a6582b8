/** One type of tickets as it is defined. */

import { useState } from "react";
import { Failure } from "../../parts/Failure";
import { Checkbox, Select, TextField } from "../../parts/Fields";
import { LabelsField } from "../../parts/LabelsField";
import { OptionalNumber } from "../../parts/OptionalNumber";
import { OptionalSelect } from "../../parts/OptionalSelect";
import { api, got, type Schemas } from "../../server/rest";
import { useWords } from "../../words/words";
import { Editing } from "../definitions/Editing";
import type { EditorProps } from "../definitions/kind";
import { useCalendarOptions } from "../definitions/options";
import { WordField } from "../definitions/WordField";
import { FormDesigner } from "../forms/FormDesigner";
import { Group } from "../queues/group";
import { useUserChoices } from "../users/options";
import { RepairFields } from "./RepairFields";
import { StatesField } from "./StatesField";
import { StepsField } from "./StepsField";
import { EscalationField, TargetsField } from "./TimesFields";
import { definitionOf, newType, type TypeDesign, typeDesignOf } from "./type_design";

type TicketType = Schemas["TicketTypeView"];

const CALLED_IN_VAIN = 3;

export function TypeEditor({ of, onSaved }: EditorProps<TicketType>) {
  const { word } = useWords();
  const [id, setId] = useState("");
  const [calendar, setCalendar] = useState(of?.calendar_id ?? null);
  const [active, setActive] = useState(of?.active ?? true);
  const [begun] = useState(() => (of ? typeDesignOf(of.definition) : newType()));
  const [design, setDesign] = useState(begun);
  const calendars = useCalendarOptions();
  const choices = useUserChoices();
  const set = (change: Partial<TypeDesign>) => setDesign({ ...design, ...change });
  function save(): Promise<TicketType> {
    const written = definitionOf(design);
    const form = of && design.form === begun.form ? of.definition.form : written.form;
    const body = { calendar_id: calendar ?? "", definition: { ...written, form } };
    if (!of) return got(api.POST("/api/v1/ticket-types", { body: { ...body, id } }));
    const params = { path: { type_id: of.id } };
    return got(
      api.PUT("/api/v1/ticket-types/{type_id}", { params, body: { ...body, active, version: of.version } }),
    );
  }
  return (
    <Editing save={save} onSaved={onSaved}>
      <Failure of={calendars.error ?? choices.error} />
      {!of && <WordField value={id} onChange={setId} />}
      <LabelsField labels={design.labels} onChange={(labels) => set({ labels })} />
      <div className="row">
        <TextField
          name="prefix"
          label={word("ticketTypes.prefix")}
          hint={word("ticketTypes.prefixHint")}
          value={design.prefix}
          onChange={(prefix) => set({ prefix })}
          isRequired
          maxLength={3}
          pattern="[A-Z]{1,3}"
        />
        <Select
          id="calendar"
          label={word("ticketTypes.calendar")}
          hint={word("ticketTypes.calendarHint")}
          options={calendars.options}
          value={calendar}
          onChange={setCalendar}
          isRequired
        />
      </div>
      <div className="row">
        <OptionalSelect
          id="queue"
          label={word("ticketTypes.queue")}
          none={word("none")}
          options={choices.queues}
          value={design.queue}
          onChange={(queue) => set({ queue })}
        />
        <OptionalSelect
          id="team"
          label={word("ticketTypes.team")}
          none={word("none")}
          options={choices.teams}
          value={design.team}
          onChange={(team) => set({ team })}
        />
      </div>
      <Closing design={design} set={set} />
      {of && (
        <Checkbox isSelected={active} onChange={setActive}>
          {word("inUse")}
        </Checkbox>
      )}
      <Group title="ticketTypes.flow">
        <StatesField states={design.states} initial={design.initial} onChange={set} />
      </Group>
      <Group title="ticketTypes.times">
        <TargetsField targets={design.targets} onChange={(targets) => set({ targets })} />
        <EscalationField escalation={design.escalation} onChange={(escalation) => set({ escalation })} />
      </Group>
      <Group title="ticketTypes.workflow">
        <StepsField steps={design.steps} form={design.form} onChange={(steps) => set({ steps })} />
      </Group>
      <Group title="ticketTypes.repairs">
        <RepairFields repair={design.repair} states={design.states} onChange={(repair) => set({ repair })} />
      </Group>
      <Group title="ticketTypes.form">
        <FormDesigner design={design.form} onChange={(form) => set({ form })} />
      </Group>
    </Editing>
  );
}

interface ClosingProps {
  design: TypeDesign;
  set(change: Partial<TypeDesign>): void;
}

/** What such a ticket is, and what has to be there before it is closed. */
function Closing({ design, set }: ClosingProps) {
  const { word } = useWords();
  const { attempts } = design;
  return (
    <Group title="ticketTypes.closing">
      <Checkbox isSelected={design.risk} onChange={(risk) => set({ risk })}>
        {word("ticketTypes.risk")}
      </Checkbox>
      <Checkbox isSelected={design.needs_reason} onChange={(needs_reason) => set({ needs_reason })}>
        {word("ticketTypes.needsReason")}
      </Checkbox>
      <Checkbox isSelected={design.needs_cause} onChange={(needs_cause) => set({ needs_cause })}>
        {word("ticketTypes.needsCause")}
      </Checkbox>
      <Checkbox
        isSelected={attempts !== null}
        onChange={(on) => set({ attempts: on ? CALLED_IN_VAIN : null })}
      >
        {word("ticketTypes.callBack")}
      </Checkbox>
      {attempts !== null && (
        <OptionalNumber
          name="attempts"
          label={word("ticketTypes.attempts")}
          value={attempts}
          onChange={(to) => set({ attempts: to ?? CALLED_IN_VAIN })}
          minValue={1}
          maxValue={20}
          isRequired
        />
      )}
    </Group>
  );
}
