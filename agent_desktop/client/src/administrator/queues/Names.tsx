import { Select } from "../../parts/Fields";
import { TextsField } from "../../parts/TextsField";
import { useWords } from "../../words/words";
import { useChoices } from "./choices";
import { Group, type GroupProps } from "./group";

export function Names({ settings, set }: GroupProps) {
  const { word } = useWords();
  const { calendars } = useChoices();
  return (
    <Group title="queues.names">
      <div className="row">
        <TextsField
          name="title"
          label={word("queues.name")}
          texts={settings.title}
          maxLength={100}
          onChange={(title) => set({ title })}
        />
        <Select
          id="hours"
          label={word("queues.hours")}
          value={settings.hours ?? ""}
          options={[{ id: "", label: word("queues.always") }, ...calendars]}
          onChange={(hours) => set({ hours: hours || null })}
        />
      </div>
    </Group>
  );
}
