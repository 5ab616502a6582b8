/** How things stand outside while the flow is tried out: hours, customers, other systems. */

import { useQuery } from "@tanstack/react-query";
import { Button } from "../../parts/Button";
import { Card } from "../../parts/Card";
import { Checkbox, Select, TextField } from "../../parts/Fields";
import { reads } from "../../server/reads";
import { useWords } from "../../words/words";
import { ElsewhereFields } from "./ElsewhereFields";
import type { Outside } from "./outside";

interface OutsideFormProps {
  now: Outside;
  onChange(outside: Outside): void;
}

const OPEN = { unsaid: undefined, yes: true, no: false };
type Said = keyof typeof OPEN;
const SAID = Object.keys(OPEN) as Said[];

function openAs(calendars: Outside["calendars"], id: string, open: boolean | undefined) {
  const { [id]: _, ...others } = calendars;
  return open === undefined ? others : { ...others, [id]: open };
}

export function OutsideForm({ now, onChange }: OutsideFormProps) {
  const { word } = useWords();
  const calendars = useQuery(reads.calendars);
  const become = (some: Partial<Outside>) => onChange({ ...now, ...some });
  return (
    <Card id="outside" title={word("flows.outside")}>
      <div className="stack">
        <div className="row">
          <TextField
            label={word("flows.caller")}
            value={now.caller}
            onChange={(caller) => become({ caller })}
          />
          <TextField
            label={word("dialled")}
            value={now.dialled}
            onChange={(dialled) => become({ dialled })}
          />
        </div>
        {(calendars.data ?? []).length > 0 && (
          <fieldset>
            <legend>{word("flows.openNow")}</legend>
            {calendars.data?.map(({ id }) => (
              <Select
                key={id}
                label={id}
                value={SAID.find((said) => OPEN[said] === now.calendars[id]) ?? "unsaid"}
                onChange={(said) => become({ calendars: openAs(now.calendars, id, OPEN[said as Said]) })}
                options={SAID.map((said) => ({ id: said, label: word(`flows.${said}`) }))}
              />
            ))}
          </fieldset>
        )}
        <Select
          label={word("flows.callBack")}
          value={now.callBack || "unsaid"}
          onChange={(value) => become({ callBack: value === "yes" || value === "no" ? value : "" })}
          options={SAID.map((said) => ({ id: said, label: word(`flows.${said}`) }))}
        />
        <TextField
          name="customer"
          label={word("customer")}
          hint={word("flows.customerHint")}
          lines={3}
          value={now.customer}
          onChange={(customer) => become({ customer })}
        />
        <Checkbox isSelected={now.isDiskFull} onChange={(isDiskFull) => become({ isDiskFull })}>
          {word("flows.diskFull")}
        </Checkbox>
        {now.elsewhere.map((one, place) => (
          <ElsewhereFields
            // biome-ignore lint/suspicious/noArrayIndexKey: the same one may be asked twice: it is where it stands
            key={place}
            of={one}
            onChange={(other) =>
              become({ elsewhere: now.elsewhere.map((each, at) => (at === place ? other : each)) })
            }
            onRemove={() => become({ elsewhere: now.elsewhere.filter((_, at) => at !== place) })}
          />
        ))}
        <Button
          onPress={() =>
            become({
              elsewhere: [...now.elsewhere, { kind: "requests", name: "", outcome: "answered", told: "" }],
            })
          }
        >
          {word("flows.addElsewhere")}
        </Button>
      </div>
    </Card>
  );
}
