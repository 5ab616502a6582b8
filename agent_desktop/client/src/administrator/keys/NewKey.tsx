/** A key that is to be: whose it is, what it may, and until when; once it is, it is shown once. */

import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { Button } from "../../parts/Button";
import { ChoicesField } from "../../parts/ChoicesField";
import { Dialog } from "../../parts/Dialog";
import { Failure } from "../../parts/Failure";
import { Select, TextField } from "../../parts/Fields";
import { useDone } from "../../parts/useDone";
import { serverNow } from "../../server/clock";
import { api, got, type Schemas } from "../../server/rest";
import { inLanguage, useWords } from "../../words/words";
import { matching } from "../roles/granted";
import { usePermissions, useTeams } from "../users/options";
import { endOf, usualDay } from "./key";

const EVERYBODYS = "-"; // no team's id begins with a dash

interface NewKeyProps {
  onMade(): void;
  onClose(): void;
}

export function NewKey({ onMade, onClose }: NewKeyProps) {
  const { word } = useWords();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>([]);
  const [team, setTeam] = useState<string | null>(null);
  const [until, setUntil] = useState(() => usualDay(serverNow()));
  const [made, setMade] = useState<Schemas["ApiKeyMade"] | null>(null);
  const { busy, failure, attempt } = useDone();
  function make(event: FormEvent) {
    event.preventDefault();
    const body = { name, scopes, team, expires_at: endOf(until) };
    void attempt(async () => {
      setMade(await got(api.POST("/api/v1/api-keys", { body })));
      onMade();
    });
  }
  return (
    <Dialog
      title={made?.made.name ?? word("keys.add")}
      isOpen
      onClose={onClose}
      wide
      isShownOnce={made !== null}
    >
      {made ? (
        <Shown secret={made.key} onClose={onClose} />
      ) : (
        <Form className="stack" onSubmit={make}>
          <TextField
            name="name"
            label={word("definition.name")}
            hint={word("keys.nameHint")}
            value={name}
            onChange={setName}
            isRequired
            maxLength={200}
            autoFocus
          />
          <div className="row">
            <TeamField team={team} onChange={setTeam} />
            <TextField
              name="until"
              type="date"
              label={word("keys.until")}
              hint={word("keys.untilHint")}
              value={until}
              onChange={setUntil}
              isRequired
            />
          </div>
          <ScopesField chosen={scopes} onChange={setScopes} />
          <Failure of={failure} exact />
          <div className="buttons">
            <Button id="make" type="submit" look="primary" isDisabled={busy || !scopes.length}>
              {word("keys.make")}
            </Button>
            <Button onPress={onClose}>{word("cancel")}</Button>
          </div>
        </Form>
      )}
    </Dialog>
  );
}

function Shown({ secret, onClose }: { secret: string; onClose(): void }) {
  const { word } = useWords();
  return (
    <>
      <p>{word("keys.shownOnce")}</p>
      <code className="card shown-key" id="shown-key">
        {secret}
      </code>
      <div className="buttons">
        <Button onPress={onClose} autoFocus>
          {word("close")}
        </Button>
      </div>
    </>
  );
}

function TeamField({ team, onChange }: { team: string | null; onChange(team: string | null): void }) {
  const { word } = useWords();
  const teams = useTeams();
  const options = (teams.data ?? []).map(({ id, profile }) => ({
    id,
    label: inLanguage(profile.labels) || id,
  }));
  return (
    <>
      <Select
        id="team"
        label={word("keys.team")}
        hint={word("keys.teamHint")}
        options={[{ id: EVERYBODYS, label: word("keys.everybody") }, ...options]}
        value={team ?? EVERYBODYS}
        onChange={(to) => onChange(to === EVERYBODYS ? null : to)}
      />
      <Failure of={teams.error} />
    </>
  );
}

interface ScopesProps {
  chosen: readonly string[];
  onChange(chosen: string[]): void;
}

/** Of some eighty those that are looked for, and those that are chosen. */
function ScopesField({ chosen, onChange }: ScopesProps) {
  const { word, named } = useWords();
  const [typed, setTyped] = useState("");
  const matrix = usePermissions();
  const all = (matrix.data?.scopes ?? []).map((permission) => ({
    permission,
    label: named("mayDo", permission),
  }));
  const found = new Set(matching(all, typed).map(({ permission }) => permission));
  const shown = all.filter(({ permission }) => found.has(permission) || chosen.includes(permission));
  return (
    <>
      <TextField
        name="scope"
        label={word("keys.find")}
        value={typed}
        onChange={setTyped}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.preventDefault(); // it finds, and makes no key
        }}
      />
      <Failure of={matrix.error} />
      <div className="scopes">
        <ChoicesField
          label={word("keys.scopes")}
          hint={chosen.length ? word("keys.chosen", { count: chosen.length }) : word("keys.noScope")}
          options={shown.map(({ permission, label }) => ({ id: permission, label }))}
          chosen={chosen}
          onChange={onChange}
        />
      </div>
    </>
  );
}
