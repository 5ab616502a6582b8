/** A target's definition, made or changed as a whole. */

import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { useColleagues } from "../../desk/colleagues";
import { Button } from "../../parts/Button";
import { Failure } from "../../parts/Failure";
import { NumberField, Select, TextField } from "../../parts/Fields";
import { reads } from "../../server/reads";
import { api, got } from "../../server/rest";
import { useWords } from "../../words/words";
import {
  dayOf,
  inSeconds,
  KPIS,
  type Kpi,
  lessIsBetter,
  type Standing,
  type Subject,
  type Target,
} from "./target";
import { useTargetEdit } from "./useTargets";

const FRESH = { subject: "centre", kpi: "service_level", name: null, valid_until: null } as const;

/** Of a `target` that there is, or a new one. Where somebody else was faster it says so, and begins anew when told. */
export function TargetForm({ target: now, onDone }: { target?: Standing; onDone(): void }) {
  const { word } = useWords();
  const [target, begin] = useState(now); // what is typed is about this one, whatever is read meanwhile
  const { busy, failure, attempt } = useTargetEdit(target?.id);
  async function save(definition: Target) {
    const done = await attempt(() => {
      if (!target) return got(api.POST("/api/v1/targets", { body: definition }));
      const { id, version } = target;
      return got(
        api.PATCH("/api/v1/targets/{definition_id}", {
          params: { path: { definition_id: id } },
          body: { version, definition },
        }),
      );
    });
    if (done) onDone();
  }
  return (
    <div className="stack">
      {now && target && now.version > target.version && (
        <p className="alert" role="status">
          {word("target.changedMeanwhile")}{" "}
          <Button id="reload-target" onPress={() => begin(now)}>
            {word("reload")}
          </Button>
        </p>
      )}
      <Failure of={failure} />
      <Fields
        key={target?.version}
        begin={target?.definition}
        busy={busy}
        onSave={(definition) => void save(definition)}
      />
    </div>
  );
}

interface FieldsProps {
  begin?: Target;
  busy: boolean;
  onSave(target: Target): void;
}

function Fields({ begin, busy, onSave }: FieldsProps) {
  const { word, named } = useWords();
  const [subject, setSubject] = useState<Subject>(begin?.subject ?? FRESH.subject);
  const [name, setName] = useState<string | null>(begin?.name ?? null);
  const [kpi, setKpi] = useState<Kpi>(begin?.kpi ?? FRESH.kpi);
  const [green, setGreen] = useState(begin?.green ?? Number.NaN);
  const [yellow, setYellow] = useState(begin?.yellow ?? Number.NaN);
  const [from, setFrom] = useState(begin?.valid_from ?? dayOf(new Date()));
  const [until, setUntil] = useState(begin?.valid_until ?? "");
  const kpis: readonly Kpi[] = KPIS[subject];
  const format: Intl.NumberFormatOptions = inSeconds(kpi)
    ? { style: "unit", unit: "second", unitDisplay: "short" }
    : { style: "percent", maximumFractionDigits: 2 };
  function choose(news: Subject) {
    setSubject(news);
    setName(null);
    if (!(KPIS[news] as readonly Kpi[]).includes(kpi)) setKpi(KPIS[news][0]);
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    onSave({ kpi, subject, name, green, yellow, valid_from: from, valid_until: until || null });
  }
  return (
    <Form id="target-form" className="stack" onSubmit={submit}>
      <div className="fields">
        <Select
          label={word("target.subject")}
          options={Object.keys(KPIS).map((id) => ({ id, label: named("subject", id) }))}
          value={subject}
          onChange={(news) => choose(news as Subject)}
        />
        {subject !== "centre" && <Named subject={subject} value={name} onChange={setName} />}
        <Select
          label={word("target.figure")}
          options={kpis.map((id) => ({ id, label: named("kpi", id) }))}
          value={kpi}
          onChange={(news) => setKpi(news as Kpi)}
        />
      </div>
      <p className="muted">{word(lessIsBetter(kpi) ? "target.less" : "target.more")}</p>
      <div className="fields">
        <NumberField
          key={`green ${format.style}`}
          id="target-green"
          label={word("target.green")}
          value={green}
          onChange={setGreen}
          minValue={0}
          formatOptions={format}
          isRequired
        />
        <NumberField
          key={`yellow ${format.style}`}
          id="target-yellow"
          label={word("target.yellow")}
          value={yellow}
          onChange={setYellow}
          minValue={0}
          formatOptions={format}
          isRequired
        />
        <TextField label={word("target.from")} type="date" value={from} onChange={setFrom} isRequired />
        <TextField
          label={word("target.until")}
          hint={word("target.untilHint")}
          type="date"
          value={until}
          onChange={setUntil}
        />
      </div>
      <div className="buttons">
        <Button
          id="save-target"
          type="submit"
          look="primary"
          isDisabled={busy || (subject !== "centre" && !name)}
        >
          {word("save")}
        </Button>
      </div>
    </Form>
  );
}

interface NamedProps {
  subject: "queue" | "team";
  value: string | null;
  onChange(name: string): void;
}

function Named({ subject, value, onChange }: NamedProps) {
  const { named } = useWords();
  const { queues } = useColleagues();
  const teams = useQuery({ ...reads.teams, enabled: subject === "team" });
  const names = subject === "queue" ? queues.map(({ id }) => id) : (teams.data ?? []).map(({ id }) => id);
  return (
    <div>
      <Select
        label={named("subject", subject)}
        options={names.map((id) => ({ id, label: id }))}
        value={value}
        onChange={onChange}
      />
      <Failure of={teams.error} />
    </div>
  );
}
