import { useState } from "react";
import { Select, TextField } from "../../parts/Fields";
import { LabelsField, NO_LABELS } from "../../parts/LabelsField";
import { ValueRows } from "../../parts/ValueRows";
import { api, got, type Schemas } from "../../server/rest";
import { useWords } from "../../words/words";
import { Editing } from "../definitions/Editing";
import type { EditorProps } from "../definitions/kind";
import { WordField } from "../definitions/WordField";
import { asCalendar, type Calendar } from "./calendar";
import { daysOf, keptDays, NEW_DAY, type SpecialDay, twice } from "./days";
import { OpenAt } from "./OpenAt";
import { SpansField } from "./SpansField";

type Hours = Schemas["Hours"];

const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const OFFICE: Hours = {
  labels: NO_LABELS,
  time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  week: Object.fromEntries(WEEKDAYS.slice(0, 5).map((day) => [day, [["09:00", "18:00"]]])),
};

export function CalendarEditor({ of, onSaved }: EditorProps<Calendar>) {
  const { word, named } = useWords();
  const [id, setId] = useState(of?.id ?? "");
  const [hours, setHours] = useState(of?.hours ?? OFFICE);
  const [days, setDays] = useState(() => daysOf(hours));
  const zones = [...new Set([...Intl.supportedValuesOf("timeZone"), hours.time_zone, "UTC"])].sort();
  const double = twice(days);
  async function save(): Promise<Calendar> {
    const kept: Hours = { ...hours, ...keptDays(days) };
    if (!of)
      return asCalendar(await got(api.POST("/api/v1/working-calendars", { body: { id, hours: kept } })));
    return asCalendar(
      await got(
        api.PUT("/api/v1/working-calendars/{calendar_id}", {
          params: { path: { calendar_id: of.id } },
          body: { version: of.version, hours: kept },
        }),
      ),
    );
  }
  return (
    <>
      <Editing save={save} onSaved={onSaved}>
        {!of && <WordField value={id} onChange={setId} />}
        <LabelsField labels={hours.labels} onChange={(labels) => setHours({ ...hours, labels })} />
        <Select
          label={word("calendars.zone")}
          value={hours.time_zone}
          options={zones.map((zone) => ({ id: zone, label: zone }))}
          onChange={(time_zone) => setHours({ ...hours, time_zone })}
        />
        <fieldset className="levels">
          <legend>{word("calendars.week")}</legend>
          <p className="hint">{word("calendars.spansHint")}</p>
          <div className="row">
            {WEEKDAYS.map((day) => (
              <SpansField
                key={day}
                name={day}
                label={named("weekday", day)}
                spans={hours.week[day] ?? []}
                onChange={(spans) => setHours({ ...hours, week: { ...hours.week, [day]: spans } })}
              />
            ))}
          </div>
        </fieldset>
        <ValueRows
          name="days"
          label={word("calendars.days")}
          hint={word("calendars.daysHint")}
          rows={days}
          onChange={setDays}
          blank={() => NEW_DAY}
          add={word("calendars.addDay")}
        >
          {(day, change) => <DayFields day={day} change={change} isTwice={day.date === double} />}
        </ValueRows>
      </Editing>
      {of && <OpenAt of={of} />}
    </>
  );
}

interface DayFieldsProps {
  day: SpecialDay;
  change(day: SpecialDay): void;
  isTwice: boolean;
}

function DayFields({ day, change, isTwice }: DayFieldsProps) {
  const { word } = useWords();
  const { labels } = day;
  const some = Boolean(labels.zh || labels.en);
  return (
    <>
      <TextField
        name="date"
        type="date"
        label={word("calendars.date")}
        value={day.date}
        onChange={(date) => change({ ...day, date })}
        validate={(date) => (isTwice ? word("calendars.twice", { date }) : null)}
        isRequired
      />
      <TextField
        name="day-zh"
        label={word("nameZh")}
        value={labels.zh}
        onChange={(zh) => change({ ...day, labels: { ...labels, zh } })}
        isRequired={some}
        maxLength={200}
      />
      <TextField
        name="day-en"
        label={word("nameEn")}
        value={labels.en}
        onChange={(en) => change({ ...day, labels: { ...labels, en } })}
        isRequired={some}
        maxLength={200}
      />
      <SpansField
        name="day-hours"
        label={word("calendars.hours")}
        spans={day.spans}
        onChange={(spans) => change({ ...day, spans })}
      />
    </>
  );
}
