/** Who a user is, and what they are to routing. */

import { useState } from "react";
import { ChoicesField } from "../../parts/ChoicesField";
import { Failure } from "../../parts/Failure";
import { Checkbox, Select, TextField } from "../../parts/Fields";
import { LevelsField } from "../../parts/LevelsField";
import { api, got } from "../../server/rest";
import { useWords } from "../../words/words";
import { Editing } from "../definitions/Editing";
import type { EditorProps } from "../definitions/kind";
import { WordField } from "../definitions/WordField";
import {
  type AutoAnswer,
  changesOf,
  contentOf,
  type Draft,
  draftOf,
  type PhoneKind,
  type User,
} from "./draft";
import { type Choices, useUserChoices } from "./options";

const NO_TEAM = "-";

export function UserEditor({ of, onSaved }: EditorProps<User>) {
  const { word } = useWords();
  const choices = useUserChoices();
  const [id, setId] = useState("");
  const [password, setPassword] = useState("");
  const [draft, setDraft] = useState(() => draftOf(of));
  function save() {
    if (of) {
      const body = { version: of.version, ...changesOf(of, draft) };
      return got(api.PATCH("/api/v1/users/{user_id}", { params: { path: { user_id: of.id } }, body }));
    }
    const { enabled: _, ...content } = contentOf(draft);
    return got(api.POST("/api/v1/users", { body: { id, ...content, password: password || null } }));
  }
  const parts = { draft, choices, change: (to: Partial<Draft>) => setDraft({ ...draft, ...to }) };
  return (
    <Editing save={save} onSaved={onSaved}>
      <Failure of={choices.error} />
      {!of && (
        <div className="row">
          <WordField
            label={word("users.id")}
            hint={word("dotsHint")}
            value={id}
            onChange={setId}
            pattern="[A-Za-z0-9][\w.\-]*"
          />
          <TextField
            name="password"
            type="password"
            autoComplete="new-password"
            label={word("users.temporaryPassword")}
            hint={word("users.temporaryHint")}
            value={password}
            onChange={setPassword}
            maxLength={256}
          />
        </div>
      )}
      <Person {...parts} />
      <Phone {...parts} />
      <Routing {...parts} />
      {of && (
        <Checkbox isSelected={draft.enabled} onChange={(enabled) => parts.change({ enabled })}>
          {word("users.enabled")}
        </Checkbox>
      )}
    </Editing>
  );
}

interface PartProps {
  draft: Draft;
  choices: Choices;
  change(to: Partial<Draft>): void;
}

function Person({ draft, choices, change }: PartProps) {
  const { word } = useWords();
  const own = draft.team && !choices.teams.some(({ id }) => id === draft.team) ? [draft.team] : [];
  return (
    <>
      <div className="row">
        <TextField
          name="name"
          label={word("definition.name")}
          value={draft.name}
          onChange={(name) => change({ name })}
          isRequired
          maxLength={200}
        />
        <TextField
          name="number"
          inputMode="numeric"
          label={word("users.number")}
          hint={word("users.numberHint")}
          value={draft.number}
          onChange={(number) => change({ number })}
          isRequired
          maxLength={10}
          pattern="[0-9]{1,10}"
        />
        <Select
          id="team"
          label={word("users.team")}
          hint={word("users.teamHint")}
          options={[
            { id: NO_TEAM, label: word("users.noTeam") },
            ...own.map((id) => ({ id, label: id })),
            ...choices.teams,
          ]}
          value={draft.team ?? NO_TEAM}
          onChange={(team) => change({ team: team === NO_TEAM ? null : team })}
        />
      </div>
      <ChoicesField
        label={word("users.roles")}
        options={choices.roles}
        chosen={draft.roles}
        onChange={(roles) => change({ roles })}
      />
    </>
  );
}

function Phone({ draft, change }: PartProps) {
  const { word } = useWords();
  const kinds: PhoneKind[] = ["registered", "browser", "address"];
  const answers: AutoAnswer[] = ["queue", "yes", "no"];
  return (
    <div className="row">
      <Select
        id="phone"
        label={word("users.phone")}
        options={kinds.map((id) => ({ id, label: word(`phoneKind.${id}`) }))}
        value={draft.phoneKind}
        onChange={(kind) => change({ phoneKind: kind as PhoneKind })}
      />
      {draft.phoneKind === "address" && (
        <TextField
          name="address"
          label={word("users.address")}
          hint={word("users.addressHint")}
          value={draft.address}
          onChange={(address) => change({ address })}
          isRequired
          maxLength={200}
          pattern="(sips?|tel):[!-~]+"
        />
      )}
      <Select
        id="auto-answer"
        label={word("users.autoAnswer")}
        options={answers.map((id) => ({ id, label: word(`autoAnswer.${id}`) }))}
        value={draft.autoAnswer}
        onChange={(answer) => change({ autoAnswer: answer as AutoAnswer })}
      />
    </div>
  );
}

function Routing({ draft, choices, change }: PartProps) {
  const { word } = useWords();
  return (
    <>
      <LevelsField
        name="skills"
        legend={word("skills.title")}
        hint={word("users.skillsHint")}
        levels={draft.skills}
        options={choices.skills}
        onChange={(skills) => change({ skills })}
      />
      <Checkbox isSelected={draft.ownQueues} onChange={(ownQueues) => change({ ownQueues })}>
        {word("users.ownQueues")}
      </Checkbox>
      {draft.ownQueues && (
        <LevelsField
          name="queues"
          legend={word("users.queues")}
          hint={word("users.queuesHint")}
          levels={draft.queues}
          options={choices.queues}
          onChange={(queues) => change({ queues })}
        />
      )}
      <LevelsField
        name="capacity"
        legend={word("users.capacity")}
        hint={word("users.capacityHint")}
        levels={draft.capacity}
        options={choices.channels}
        lowest={0}
        highest={100}
        onChange={(capacity) => change({ capacity })}
      />
      <div className="row">
        <TextField
          name="region"
          label={word("users.region")}
          hint={word("users.regionHint")}
          value={draft.region}
          onChange={(region) => change({ region })}
          maxLength={300}
        />
        <TextField
          name="works"
          label={word("users.works")}
          hint={word("users.worksHint")}
          value={draft.works}
          onChange={(works) => change({ works })}
          maxLength={1500}
        />
      </div>
    </>
  );
}
