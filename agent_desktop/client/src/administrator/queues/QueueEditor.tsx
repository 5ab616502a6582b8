import { useState } from "react";
import { Failure } from "../../parts/Failure";
import { TextsField } from "../../parts/TextsField";
import { api, got, type Schemas } from "../../server/rest";
import { useWords } from "../../words/words";
import { Editing } from "../definitions/Editing";
import type { EditorProps } from "../definitions/kind";
import { OriginLine } from "../definitions/OriginLine";
import { WordField } from "../definitions/WordField";
import { AfterTalk, CallsOut, ServiceLevel } from "./Aftermath";
import { CallBacks } from "./CallBacks";
import { useChoices } from "./choices";
import { DispositionRule } from "./DispositionRule";
import { Distribution } from "./Distribution";
import { Exits, Overflows } from "./Leaving";
import { Names } from "./Names";
import { Ringing } from "./Ringing";
import { Service } from "./Service";
import { changed, type Settings } from "./settings";
import { Waiting } from "./Waiting";

type Queue = Schemas["QueueDefinitionView"];

export function QueueEditor({ of, onSaved }: EditorProps<Queue>) {
  return of ? <Opened of={of} onSaved={onSaved} /> : <New onSaved={onSaved} />;
}

function New({ onSaved }: { onSaved(saved: Queue): void }) {
  const { word } = useWords();
  const [id, setId] = useState("");
  const [title, setTitle] = useState<Record<string, string>>({});
  const settings = Object.keys(title).length ? { title } : {};
  return (
    <Editing
      save={() => got(api.POST("/api/v1/queue-definitions", { body: { id, settings } }))}
      onSaved={onSaved}
    >
      <p className="muted">{word("queues.newHint")}</p>
      <div className="row">
        <WordField hint={word("dotsHint")} value={id} onChange={setId} pattern="[A-Za-z0-9][\w.\-]*" />
        <TextsField
          name="title"
          label={word("queues.name")}
          texts={title}
          maxLength={100}
          onChange={setTitle}
        />
      </div>
    </Editing>
  );
}

function Opened({ of, onSaved }: { of: Queue; onSaved(saved: Queue): void }) {
  const { word } = useWords();
  const before = of.settings as Settings; // the server gives them all
  const [settings, setSettings] = useState(before);
  const { failure } = useChoices();
  const set = (change: Partial<Settings>) => setSettings((now) => ({ ...now, ...change }));
  async function save(): Promise<Queue> {
    const body = { version: of.version, settings: changed(before, settings) };
    if (Object.keys(body.settings).length === 0) return of;
    const params = { path: { queue_id: of.id } };
    return got(api.PATCH("/api/v1/queue-definitions/{queue_id}", { params, body }));
  }
  return (
    <>
      <OriginLine
        origin={of.origin}
        means={word(of.origin === "file" ? "queues.fileMeans" : "queues.editedMeans")}
      />
      <Failure of={failure} />
      <Editing save={save} onSaved={onSaved}>
        <Names settings={settings} set={set} />
        <Service settings={settings} set={set} />
        <Distribution settings={settings} set={set} />
        <Ringing settings={settings} set={set} />
        <Waiting settings={settings} set={set} />
        <Overflows settings={settings} set={set} />
        <Exits settings={settings} set={set} />
        <ServiceLevel settings={settings} set={set} />
        <AfterTalk settings={settings} set={set} />
        <CallsOut settings={settings} set={set} />
        <CallBacks settings={settings} set={set} />
      </Editing>
      <DispositionRule queue={of.id} />
    </>
  );
}
