import { DurationField } from "../../parts/DurationField";
import { NumberField, Select } from "../../parts/Fields";
import { useWords } from "../../words/words";
import { useChoices } from "./choices";
import { Group, type GroupProps } from "./group";
import type { Settings } from "./settings";

type Given = Settings["call_backs"];

const MODES = ["agent_first", "customer_first", "by_hand"] as const;
const PAUSES = ["busy", "no_answer", "declined", "unreachable", "not_met"] as const;

export function CallBacks({ settings, set }: GroupProps) {
  const { word, named } = useWords();
  const { calendars } = useChoices();
  const now = settings.call_backs;
  const change = (to: Partial<Given>) => set({ call_backs: { ...now, ...to } });
  return (
    <Group title="queues.callBacks">
      <div className="row">
        <Select
          id="call_back_mode"
          label={word("queues.mode")}
          value={now.mode}
          options={MODES.map((id) => ({ id, label: named("callBackMode", id) }))}
          onChange={(mode) => change({ mode: mode as Given["mode"] })}
        />
        <NumberField
          name="attempts"
          label={word("queues.attempts")}
          value={now.attempts}
          minValue={1}
          maxValue={20}
          isRequired
          onChange={(attempts) => change({ attempts })}
        />
        <DurationField
          name="expire_after"
          label={word("queues.expireAfter")}
          value={now.expire_after}
          onChange={(time) => change({ expire_after: time ?? now.expire_after })}
        />
        <Select
          id="call_back_calendar"
          label={word("queues.callBackCalendar")}
          value={now.calendar ?? ""}
          options={[{ id: "", label: word("queues.queuesOwn") }, ...calendars]}
          onChange={(calendar) => change({ calendar: calendar || null })}
        />
        <DurationField
          name="offer_abandoned_after"
          label={word("queues.offerAbandoned")}
          none={word("queues.nobody")}
          value={now.offer_abandoned_after}
          onChange={(offer_abandoned_after) => change({ offer_abandoned_after })}
        />
        <DurationField
          name="abandoned_rest"
          label={word("queues.abandonedRest")}
          value={now.abandoned_rest}
          onChange={(time) => change({ abandoned_rest: time ?? now.abandoned_rest })}
        />
      </div>
      <fieldset className="levels">
        <legend>{word("queues.pauses")}</legend>
        <div className="row">
          {PAUSES.map((each) => (
            <DurationField
              key={each}
              name={`pause-${each}`}
              label={named("pause", each)}
              value={now.pauses[each]}
              onChange={(time) => change({ pauses: { ...now.pauses, [each]: time ?? now.pauses[each] } })}
            />
          ))}
        </div>
      </fieldset>
    </Group>
  );
}
