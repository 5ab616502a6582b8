/** What waits for the agent without ringing: call-backs, tasks, tickets. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Check, Phone } from "lucide-react";
import type { Desk } from "../../desk/desk";
import { Button } from "../../parts/Button";
import { Failure } from "../../parts/Failure";
import { moment } from "../../parts/time";
import { useDone } from "../../parts/useDone";
import { api, got, type Schemas } from "../../server/rest";
import { useWords } from "../../words/words";
import { TicketLine } from "../customer/Tickets";
import { Section } from "./TaskList";

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

export function OwnTasks({ agent }: { agent: string }) {
  const query = { assignee_id: agent, state: "open", limit: MOST };
  const found = useQuery({
    queryKey: ["to-do", "tasks", agent],
    refetchInterval: AGAIN,
    queryFn: async () => (await got(api.GET("/api/v1/tasks", { params: { query } }))).items,
  });
  return (
    <>
      <Failure of={found.error} />
      <Section name="tasks" count={found.data?.length ?? 0}>
        {found.data?.map((one) => (
          <OneTask key={one.id} task={one} />
        ))}
      </Section>
    </>
  );
}

function OneTask({ task }: { task: Schemas["TaskView"] }) {
  const { word } = useWords();
  const queries = useQueryClient();
  const { busy, failure, attempt } = useDone();
  async function done() {
    const params = { path: { task_id: task.id } };
    await attempt(() =>
      got(api.POST("/api/v1/tasks/{task_id}/done", { params, body: { version: task.version } })),
    );
    void queries.invalidateQueries({ queryKey: ["to-do", "tasks"] }); // where somebody else has changed it, too
  }
  return (
    <li className="item">
      <span className="gap">
        {task.title} <span className="muted">{moment(task.due_at)}</span>
      </span>
      <Button aria-label={`${word("done")} ${task.title}`} isDisabled={busy} onPress={() => void done()}>
        <Check />
      </Button>
      <Failure of={failure} />
    </li>
  );
}

export function DueTickets({ agent }: { agent: string }) {
  const query = { owner_id: agent, open: true, order: "due", limit: MOST };
  const found = useQuery({
    queryKey: ["to-do", "tickets", agent],
    refetchInterval: AGAIN,
    queryFn: async () => (await got(api.GET("/api/v1/tickets", { params: { query } }))).items,
  });
  return (
    <>
      <Failure of={found.error} />
      <Section name="ticketsDue" count={found.data?.length ?? 0}>
        {found.data?.map((one) => (
          <li key={one.id}>
            <TicketLine ticket={one} />
          </li>
        ))}
      </Section>
    </>
  );
}
