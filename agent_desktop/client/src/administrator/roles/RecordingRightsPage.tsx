/** Of which queues somebody may list, hear and export recordings. */

import { useState } from "react";
import { ChoicesField } from "../../parts/ChoicesField";
import { Failure } from "../../parts/Failure";
import { Checkbox, Select, TextField } from "../../parts/Fields";
import { api, got, type Schemas } from "../../server/rest";
import { named, useWords, word } from "../../words/words";
import { DefinitionPages } from "../definitions/DefinitionPages";
import { Editing } from "../definitions/Editing";
import type { EditorProps, Kind } from "../definitions/kind";
import { useUserChoices } from "../users/options";

/** Known by its holder, as "role:agent". */
type Right = Schemas["RecordingRightView"] & { id: string };
type Queues = string[] | null;

const DOES = ["list", "play", "export"] as const;
const HOLDERS = ["role", "user", "key"] as const;

const KIND: Kind<Right> = {
  path: "recording-rights",
  title: "rights.title",
  add: "rights.add",
  empty: "rights.none",
  columns: () => [
    { id: "holder", label: word("rights.holder"), cell: nameOf, by: nameOf },
    ...DOES.map((does) => ({
      id: does,
      label: word(`rights.${does}`),
      cell: (right: Right) => ofQueues(right[does]),
    })),
  ],
  list: async () => (await got(api.GET("/api/v1/recording-rights"))).map(kept),
  nameOf,
  Editor: RightEditor,
  remove: ({ id, version }) =>
    got(
      api.DELETE("/api/v1/recording-rights/{kind}/{holder}", {
        params: { path: holderOf(id), query: { version } },
      }),
    ),
};

export default function RecordingRightsPage() {
  return <DefinitionPages kind={KIND} />;
}

function RightEditor({ of, onSaved }: EditorProps<Right>) {
  const { word } = useWords();
  const { roles, queues, error } = useUserChoices();
  const [kind, setKind] = useState<string>("role");
  const [holder, setHolder] = useState("");
  const [wanted, setWanted] = useState<Record<(typeof DOES)[number], Queues>>({
    list: of?.list ?? null,
    play: of?.play ?? null,
    export: of?.export ?? null,
  });
  async function save() {
    const path = of ? holderOf(of.id) : { kind, holder };
    const body = { version: of?.version ?? null, ...wanted };
    return kept(await got(api.PUT("/api/v1/recording-rights/{kind}/{holder}", { params: { path }, body })));
  }
  return (
    <Editing save={save} onSaved={onSaved}>
      <Failure of={error} />
      {!of && (
        <div className="row">
          <Select
            id="kind"
            label={word("rights.kind")}
            options={HOLDERS.map((id) => ({ id, label: word(`rightHolder.${id}`) }))}
            value={kind}
            onChange={(to) => {
              setKind(to);
              setHolder("");
            }}
          />
          {kind === "role" ? (
            <Select
              id="holder"
              label={word("rights.holder")}
              options={roles}
              value={holder || null}
              onChange={setHolder}
              isRequired
            />
          ) : (
            <TextField
              name="holder"
              label={word("rights.holder")}
              value={holder}
              onChange={setHolder}
              isRequired
              maxLength={64}
            />
          )}
        </div>
      )}
      {DOES.map((does) => (
        <div key={does} className="stack">
          <Checkbox
            isSelected={wanted[does] === null}
            onChange={(all) => setWanted({ ...wanted, [does]: all ? null : [] })}
          >
            {word("rights.all", { does: word(`rights.${does}`) })}
          </Checkbox>
          {wanted[does] && (
            <ChoicesField
              label={word(`rights.${does}`)}
              options={queues}
              chosen={wanted[does]}
              onChange={(chosen) => setWanted({ ...wanted, [does]: chosen })}
            />
          )}
        </div>
      ))}
    </Editing>
  );
}

function kept(right: Schemas["RecordingRightView"]): Right {
  return { ...right, id: right.holder };
}

function holderOf(id: string): { kind: string; holder: string } {
  const [kind = "", ...rest] = id.split(":");
  return { kind, holder: rest.join(":") };
}

function nameOf({ id }: Right): string {
  const { kind, holder } = holderOf(id);
  return `${named("rightHolder", kind)}: ${kind === "role" ? named("userRole", holder) : holder}`;
}

function ofQueues(queues: Queues): string {
  if (queues === null) return word("rights.everyQueue");
  return queues.length ? queues.join(", ") : word("rights.noQueue");
}
