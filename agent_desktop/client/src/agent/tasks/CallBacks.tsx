/** Customers who wait to be called. */

import { useQuery } from "@tanstack/react-query";
import { Phone } from "lucide-react";
import type { Desk } from "../../desk/desk";
import { Button } from "../../parts/Button";
import { Failure } from "../../parts/Failure";
import { Section } from "../../parts/Section";
import { moment } from "../../parts/time";
import { api, got } from "../../server/rest";
import { useWords } from "../../words/words";

const AGAIN = 30_000; // ms: what others do of it is not told on the agent's stream
const MOST = 20;

export function CallBacks({ desk }: { desk: Desk }) {
  const { word, named } = useWords();
  const found = useQuery({
    queryKey: ["to-do", "call-backs"],
    refetchInterval: AGAIN,
    queryFn: async () =>
      (await got(api.GET("/api/v1/call-backs", { params: { query: { state: "open", limit: MOST } } }))).items,
  });
  const open = found.data?.filter(({ queue }) => desk.lists.queues.includes(queue)) ?? [];
  return (
    <>
      <Failure of={found.error} />
      <Section name="callBacks" count={open.length}>
        {open.map((one) => (
          <li key={one.id} className="item">
            <span className="gap">
              <span className="numbers">{one.number}</span>{" "}
              <span className="muted">{`${named("queueName", one.queue)} · ${moment(one.due_at)}`}</span>
            </span>
            <Button
              aria-label={`${word("dial")} ${one.number}`}
              isDisabled={desk.call !== null}
              onPress={() => void desk.dialCallBack(one.id)}
            >
              <Phone />
            </Button>
          </li>
        ))}
      </Section>
    </>
  );
}
