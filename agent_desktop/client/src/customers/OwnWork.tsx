/** What somebody has to do without being rung: tasks, and tickets that are due. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Check } from "lucide-react";
import { Button } from "../parts/Button";
import { Failure } from "../parts/Failure";
import { Section } from "../parts/Section";
import { moment } from "../parts/time";
import { useDone } from "../parts/useDone";
import { api, got, type Schemas } from "../server/rest";
import { useWords } from "../words/words";
import { TicketLine } from "./TicketLine";

const AGAIN = 30_000; // ms: what others do of it is told to nobody
const MOST = 20;

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
