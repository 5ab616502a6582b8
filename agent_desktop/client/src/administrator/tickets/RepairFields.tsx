/** Whether crews are sent for such tickets, and where their reports move them. */

import { Checkbox } from "../../parts/Fields";
import { OptionalSelect } from "../../parts/OptionalSelect";
import { useWords } from "../../words/words";
import { stateOptions } from "./StatesField";
import { REPORTS, type StateDesign, type TypeDesign } from "./type_design";

interface RepairFieldsProps {
  repair: TypeDesign["repair"];
  states: readonly StateDesign[];
  onChange(repair: TypeDesign["repair"]): void;
}

export function RepairFields({ repair, states, onChange }: RepairFieldsProps) {
  const { word, named } = useWords();
  const keys = new Set(states.map(({ key }) => key));
  function move(report: string, to: string | null) {
    const others = Object.entries(repair ?? {}).filter(([one]) => one !== report);
    onChange(Object.fromEntries(to === null ? others : [...others, [report, Number(to)]]));
  }
  return (
    <>
      <Checkbox isSelected={repair !== null} onChange={(on) => onChange(on ? {} : null)}>
        {word("ticketTypes.repair")}
      </Checkbox>
      {repair && (
        <div className="row">
          {REPORTS.map((report) => {
            const to = repair[report];
            return (
              <OptionalSelect
                key={report}
                label={named("repairReport", report)}
                none={word("ticketTypes.staysAsItIs")}
                options={stateOptions(states)}
                value={to !== undefined && keys.has(to) ? String(to) : null}
                onChange={(state) => move(report, state)}
              />
            );
          })}
        </div>
      )}
    </>
  );
}
