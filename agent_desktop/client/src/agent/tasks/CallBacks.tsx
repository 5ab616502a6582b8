/** Customers who wait to be called. */

import { Phone } from "lucide-react";
import type { Desk } from "../../desk/desk";
import { Button } from "../../parts/Button";
import { ReadSection } from "../../parts/ReadSection";
import { moment } from "../../parts/time";
import { api, got } from "../../server/rest";
import { useWords } from "../../words/words";

const QUERY = { state: "open", limit: 20 };

export function CallBacks({ desk }: { desk: Desk }) {
  const { word, named } = useWords();
  return (
    <ReadSection
      name="callBacks"
      queryKey={["to-do", "call-backs"]}
      read={async () => (await got(api.GET("/api/v1/call-backs", { params: { query: QUERY } }))).items}
      only={({ queue }) => desk.lists.queues.includes(queue)}
    >
      {(one) => (
        <li className="item">
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
      )}
    </ReadSection>
  );
}
