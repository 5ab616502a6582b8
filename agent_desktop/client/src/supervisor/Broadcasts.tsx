/** What callers of a queue are told at the moment; put on and taken off in one click. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { Form } from "react-aria-components";
import { Button } from "../parts/Button";
import { Card } from "../parts/Card";
import { Select, TextField } from "../parts/Fields";
import { moment } from "../parts/time";
import { api, got } from "../server/rest";
import { may, useSession } from "../session/session";
import { inLanguage, reasonOf, useWords } from "../words/words";
import { useAct } from "./act";
import { useFloorState } from "./use_floor";

const ON = ["queues now"];
const LASTING = ["1800", "3600", "14400", "86400", "0"]; // seconds; 0: until it is withdrawn

export function Broadcasts({ queue }: { queue: string }) {
  const { word } = useWords();
  const { account } = useSession();
  const { broadcasts } = useFloorState();
  const queries = useQueryClient();
  const { data, error } = useQuery({ queryKey: ON, queryFn: () => got(api.GET("/api/v1/queues")) });
  // biome-ignore lint/correctness/useExhaustiveDependencies: an event is why it is read again
  useEffect(() => void queries.invalidateQueries({ queryKey: ON }), [broadcasts, queries]);
  const { busy, act } = useAct();
  const manages = may(account, "broadcasts.manage");
  const on = data?.find(({ name }) => name === queue)?.broadcasts ?? [];
  const withdraw = (id: string) =>
    act(async () => {
      const params = { path: { broadcast_id: id } };
      await got(api.DELETE("/api/v1/broadcasts/{broadcast_id}", { params }));
      await queries.invalidateQueries({ queryKey: ON });
    });
  return (
    <Card id="broadcasts" title={word("broadcast.title")}>
      {error ? (
        <p role="alert">{reasonOf(error)}</p>
      ) : on.length ? (
        <ul className="stack">
          {on.map(({ id, texts, expires_at }) => (
            <li key={id} className="broadcast">
              <span>{inLanguage(texts)}</span>
              <span className="muted">
                {expires_at ? word("broadcast.until", { when: moment(expires_at) }) : word("broadcast.ever")}
              </span>
              {manages && (
                <Button look="stop" isDisabled={busy} onPress={() => void withdraw(id)}>
                  {word("broadcast.withdraw")}
                </Button>
              )}
            </li>
          ))}
        </ul>
      ) : (
        <p className="empty">{word(data ? "broadcast.none" : "loading")}</p>
      )}
      {manages && <NewBroadcast queue={queue} />}
    </Card>
  );
}

function NewBroadcast({ queue }: { queue: string }) {
  const { word } = useWords();
  const queries = useQueryClient();
  const { busy, act } = useAct();
  const [zh, setZh] = useState("");
  const [en, setEn] = useState("");
  const [lasts, setLasts] = useState(LASTING[0] ?? null);
  const texts = { ...(zh.trim() && { zh: zh.trim() }), ...(en.trim() && { en: en.trim() }) };
  const isEmpty = !Object.keys(texts).length;
  async function publish(event: FormEvent) {
    event.preventDefault();
    const done = await act(async () => {
      const body = { queues: [queue], texts, seconds: Number(lasts) || null };
      await got(api.POST("/api/v1/broadcasts", { body }));
      await queries.invalidateQueries({ queryKey: ON });
    });
    if (!done) return;
    setZh("");
    setEn("");
  }
  return (
    <Form id="broadcast" className="broadcast-form" onSubmit={(event) => void publish(event)}>
      <TextField id="broadcast-zh" label={word("broadcast.zh")} value={zh} onChange={setZh} maxLength={500} />
      <TextField id="broadcast-en" label={word("broadcast.en")} value={en} onChange={setEn} maxLength={500} />
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
