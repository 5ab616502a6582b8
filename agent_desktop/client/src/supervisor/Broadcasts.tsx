/** What callers of a queue, or of one of our numbers, are told at the moment. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Button } from "../parts/Button";
import { Card } from "../parts/Card";
import { moment } from "../parts/time";
import { api, got } from "../server/rest";
import { may, useSession } from "../session/session";
import { inLanguage, reasonOf, useWords } from "../words/words";
import { useAct } from "./act";
import { NewBroadcast, type Texts } from "./NewBroadcast";
import { isFor, type Surge } from "./surge";
import { useFloorState } from "./use_floor";

const ON = ["broadcasts on"];
const MOST = 100; // are on at once

interface BroadcastsProps {
  of: Pick<Surge, "subject" | "name">;
  /** What a new one says unless somebody types something else. */
  begin?: Texts;
}

export function Broadcasts({ of, begin }: BroadcastsProps) {
  const { word } = useWords();
  const { account } = useSession();
  const { broadcasts } = useFloorState();
  const queries = useQueryClient();
  const { data, error } = useQuery({
    queryKey: ON,
    queryFn: () => got(api.GET("/api/v1/broadcasts", { params: { query: { on: true, limit: MOST } } })),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: an event is why it is read again
  useEffect(() => void queries.invalidateQueries({ queryKey: ON }), [broadcasts, queries]);
  const { busy, act } = useAct();
  const manages = may(account, "broadcasts.manage");
  const on = (data?.items ?? []).filter((one) => isFor(of, one));
  const withdraw = (id: string) =>
    act(async () => {
      const params = { path: { broadcast_id: id } };
      await got(api.DELETE("/api/v1/broadcasts/{broadcast_id}", { params }));
      await queries.invalidateQueries({ queryKey: ON });
    });
  return (
    <Card className="broadcasts" title={word("broadcast.title")}>
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
      {manages && (
        <NewBroadcast of={of} begin={begin} onPublished={() => queries.invalidateQueries({ queryKey: ON })} />
      )}
    </Card>
  );
}
