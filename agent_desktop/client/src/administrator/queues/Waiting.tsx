import { DurationField } from "../../parts/DurationField";
import { Checkbox, NumberField, Select } from "../../parts/Fields";
import { useWords } from "../../words/words";
import { Group, type GroupProps } from "./group";
import type { Settings } from "./settings";

const MINUTES = [5, 10, 15, 20, 30, 45, 60] as const;

export function Waiting({ settings, set }: GroupProps) {
  const { word } = useWords();
  return (
    <Group title="queues.waiting">
      <div className="row">
        <NumberField
          name="max_waiting"
          label={word("queues.maxWaiting")}
          value={settings.max_waiting}
          minValue={1}
          isRequired
          onChange={(max_waiting) => set({ max_waiting })}
        />
        <DurationField
          name="announce_position_every"
          label={word("queues.announceEvery")}
          none={word("queues.never")}
          value={settings.announce_position_every}
          onChange={(announce_position_every) => set({ announce_position_every })}
        />
        <Select
          id="announced_wait_limit"
          label={word("queues.announcedLimit")}
          value={String(settings.announced_wait_limit)}
          options={MINUTES.map((each) => ({ id: String(each), label: String(each) }))}
          onChange={(limit) =>
            set({ announced_wait_limit: Number(limit) as Settings["announced_wait_limit"] })
          }
        />
      </div>
      <Checkbox isSelected={settings.announce_wait} onChange={(announce_wait) => set({ announce_wait })}>
        {word("queues.announceWait")}
      </Checkbox>
    </Group>
  );
}
