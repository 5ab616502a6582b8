import { DurationField } from "../../parts/DurationField";
import { Checkbox } from "../../parts/Fields";
import { TextsField } from "../../parts/TextsField";
import { useWords } from "../../words/words";
import { Group, type GroupProps } from "./group";

/** From an agent's first ring to the end of the wrap-up. */
export function Ringing({ settings, set }: GroupProps) {
  const { word } = useWords();
  return (
    <Group title="queues.ringing">
      <div className="row">
        <DurationField
          name="ring_for"
          label={word("queues.ringFor")}
          value={settings.ring_for}
          onChange={(time) => set({ ring_for: time ?? settings.ring_for })}
        />
        <DurationField
          name="wrap_up"
          label={word("queues.wrapUp")}
          value={settings.wrap_up}
          onChange={(time) => set({ wrap_up: time ?? settings.wrap_up })}
        />
        <DurationField
          name="wrap_up_limit"
          label={word("queues.wrapUpLimit")}
          none={word("queues.noExtension")}
          value={settings.wrap_up_limit}
          onChange={(wrap_up_limit) => set({ wrap_up_limit })}
        />
        <DurationField
          name="disposition_limit"
          label={word("queues.dispositionLimit")}
          value={settings.disposition_limit}
          onChange={(time) => set({ disposition_limit: time ?? settings.disposition_limit })}
        />
      </div>
      <div className="row">
        <TextsField
          name="whisper"
          label={word("queues.whisper")}
          texts={settings.whisper}
          onChange={(whisper) => set({ whisper })}
        />
      </div>
      <Checkbox isSelected={settings.auto_answer} onChange={(auto_answer) => set({ auto_answer })}>
        {word("queues.autoAnswer")}
      </Checkbox>
      <Checkbox isSelected={settings.announce_agent} onChange={(announce_agent) => set({ announce_agent })}>
        {word("queues.announceAgent")}
      </Checkbox>
    </Group>
  );
}
