/** Something that callers are to be told: put on in one click. */

import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { Button } from "../parts/Button";
import { Select, TextField } from "../parts/Fields";
import { api, got } from "../server/rest";
import { useWords } from "../words/words";
import { useAct } from "./act";
import type { Surge } from "./surge";

const LASTING = ["1800", "3600", "14400", "86400", "0"]; // seconds; 0: until it is withdrawn
const WHOLE = 5; // lines, in the drawer: what is said in one click is read whole before
const NOTHING: Texts = { zh: "", en: "" };

export interface Texts {
  zh: string;
  en: string;
}

interface NewBroadcastProps {
  of: Pick<Surge, "subject" | "name">;
  begin?: Texts;
  onPublished(): Promise<void>;
}

export function NewBroadcast({ of: { subject, name }, begin = NOTHING, onPublished }: NewBroadcastProps) {
  const { word } = useWords();
  const { busy, act } = useAct();
  const [{ zh, en }, setTexts] = useState(begin);
  const [lasts, setLasts] = useState(LASTING[0] ?? null);
  const texts = { ...(zh.trim() && { zh: zh.trim() }), ...(en.trim() && { en: en.trim() }) };
  const isEmpty = !Object.keys(texts).length;
  async function publish(event: FormEvent) {
    event.preventDefault();
    const done = await act(async () => {
      const where = subject === "queue" ? { queues: [name] } : { numbers: [name] };
      await got(
        api.POST("/api/v1/broadcasts", { body: { ...where, texts, seconds: Number(lasts) || null } }),
      );
      await onPublished();
    });
    if (done) setTexts(NOTHING);
  }
  return (
    <Form className="broadcast-form" onSubmit={(event) => void publish(event)}>
      <TextField
        name="broadcast-zh"
        label={word("broadcast.zh")}
        value={zh}
        onChange={(zh) => setTexts({ zh, en })}
        maxLength={500}
        lines={begin === NOTHING ? 1 : WHOLE}
      />
      <TextField
        name="broadcast-en"
        label={word("broadcast.en")}
        value={en}
        onChange={(en) => setTexts({ zh, en })}
        maxLength={500}
        lines={begin === NOTHING ? 1 : WHOLE}
      />
      <Select
        label={word("broadcast.lasts")}
        options={LASTING.map((id) => ({ id, label: lasting(id, word) }))}
        value={lasts}
        onChange={setLasts}
      />
      <Button type="submit" look="primary" isDisabled={busy || isEmpty}>
        {word("broadcast.publish")}
      </Button>
    </Form>
  );
}

function lasting(seconds: string, word: ReturnType<typeof useWords>["word"]): string {
  const hours = Number(seconds) / 3600;
  if (!hours) return word("broadcast.ever");
  return hours < 1
    ? word("broadcast.minutes", { count: 60 * hours })
    : word("broadcast.hours", { count: hours });
}
