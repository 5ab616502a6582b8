import { useState } from "react";
import { Link } from "react-router";
import { Facts } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { Checkbox, TextField } from "../../parts/Fields";
import { ValueRows } from "../../parts/ValueRows";
import { api, got } from "../../server/rest";
import { useWords } from "../../words/words";
import { Editing } from "../definitions/Editing";
import type { EditorProps } from "../definitions/kind";
import { OriginLine } from "../definitions/OriginLine";
import { same } from "../definitions/same";
import { useChoices } from "../queues/choices";
import { DestinationFields } from "./DestinationFields";
import { type NumberSettings, type Rule, sent, to, WITHHELD } from "./destination";
import { kept, type OurNumber } from "./our_number";

export function NumberEditor({ of, onSaved }: EditorProps<OurNumber>) {
  const { word } = useWords();
  const { queues, failure } = useChoices();
  const [number, setNumber] = useState(of?.number ?? "");
  const [typed, setSettings] = useState<NumberSettings | null>(of?.settings ?? null);
  const usual = to("queue", queues[0]?.id ?? "");
  const settings: NumberSettings = typed ?? usual;
  async function save(): Promise<OurNumber> {
    if (!of)
      return kept(await got(api.POST("/api/v1/numbers", { body: { number, settings: sent(settings) } })));
    if (of.settings && same(sent(of.settings), sent(settings))) return of; // or the file would be overruled for nothing
    const params = { path: { number: of.number } };
    const body = { version: of.version, settings: sent(settings) };
    return kept(await got(api.PUT("/api/v1/numbers/{number}", { params, body })));
  }
  return (
    <>
      {of && <Known of={of} />}
      <Failure of={failure} />
      <Editing save={save} onSaved={onSaved}>
        <div className="row">
          {!of && (
            <TextField
              name="number"
              label={word("number")}
              hint={word("numbers.numberHint")}
              value={number}
              onChange={setNumber}
              isRequired
              maxLength={33}
            />
          )}
          <DestinationFields
            name="to"
            destination={settings}
            onChange={(destination) => setSettings({ ...destination, when: settings.when })}
          />
        </div>
        <ValueRows
          name="when"
          label={word("numbers.when")}
          hint={word("numbers.whenHint")}
          rows={settings.when ?? []}
          blank={(): Rule => ({ caller: "", ...usual })}
          add={word("numbers.addRule")}
          ordered
          onChange={(when) => setSettings({ ...settings, when })}
        >
          {(rule, change, place) => <OneRule rule={rule} change={change} name={`when-${place}`} />}
        </ValueRows>
      </Editing>
    </>
  );
}

/** Whose word counts, and what the server knows of where callers come to. */
function Known({ of }: { of: OurNumber }) {
  const { word } = useWords();
  const each = [of, ...of.when].map(({ leads_to }) => leads_to);
  const queues = [...new Set(each.flatMap((one) => one.queues))];
  const calendars = [...new Set(each.flatMap((one) => one.calendars))];
  return (
    <>
      <OriginLine
        origin={of.origin}
        means={word(of.origin === "file" ? "numbers.fileMeans" : "numbers.editedMeans")}
      />
      {!of.in_force && (
        <p className="alert" data-kind="bad" role="alert">
          {word("numbers.outOfForce")}
        </p>
      )}
      <Facts
        facts={[
          [word("numbers.also"), of.e164 === of.number ? null : of.e164],
          [word("numbers.ends"), queues.length ? <Links key="queues" to="queues" names={queues} /> : null],
          [
            word("numbers.looksAt"),
            calendars.length ? <Links key="calendars" to="calendars" names={calendars} /> : null,
          ],
        ]}
      />
    </>
  );
}

function Links({ to: page, names }: { to: "queues" | "calendars"; names: readonly string[] }) {
  return (
    <span className="buttons">
      {names.map((name) => (
        <Link key={name} to={`/administrator/${page}/of/${encodeURIComponent(name)}`}>
          {name}
        </Link>
      ))}
    </span>
  );
}

interface OneRuleProps {
  rule: Rule;
  change(rule: Rule): void;
  name: string;
}

function OneRule({ rule, change, name }: OneRuleProps) {
  const { word } = useWords();
  const { caller, original } = rule;
  const some = Boolean(caller || original);
  return (
    <>
      {caller !== WITHHELD && (
        <TextField
          name={`${name}-caller`}
          label={word("numbers.caller")}
          hint={word("numbers.prefixHint")}
          value={caller ?? ""}
          onChange={(text) => change({ ...rule, caller: text })}
          isRequired={!some}
          pattern="\+?[0-9]{1,15}"
        />
      )}
      <Checkbox
        isSelected={caller === WITHHELD}
        onChange={(on) => change({ ...rule, caller: on ? WITHHELD : "" })}
      >
        {word("numbers.withheld")}
      </Checkbox>
      <TextField
        name={`${name}-original`}
        label={word("numbers.original")}
        value={original ?? ""}
        onChange={(text) => change({ ...rule, original: text })}
        pattern="\+?[0-9]{1,15}"
      />
      <DestinationFields
        name={name}
        destination={rule}
        onChange={(destination) => change({ caller, original, ...destination })}
      />
    </>
  );
}
