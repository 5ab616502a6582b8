/** What somebody has to do without being rung: tasks, and tickets that are due. */

import { useQueryClient } from "@tanstack/react-query";
import { Check } from "lucide-react";
import { Button } from "../parts/Button";
import { Failure } from "../parts/Failure";
import { ReadSection } from "../parts/ReadSection";
import { moment } from "../parts/time";
import { useDone } from "../parts/useDone";
import { api, got, type Schemas } from "../server/rest";
import { useWords } from "../words/words";
import { TicketLine } from "./TicketLine";

const MOST = 20;

export function OwnTasks({ agent }: { agent: string }) {
  const query = { assignee_id: agent, state: "open", limit: MOST };
  return (
    <ReadSection
      name="tasks"
      queryKey={["to-do", "tasks", agent]}
      read={async () => (await got(api.GET("/api/v1/tasks", { params: { query } }))).items}
    >
      {(one) => <OneTask task={one} />}
    </ReadSection>
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
  return (
    <ReadSection
      name="ticketsDue"
      queryKey={["to-do", "tickets", agent]}
      read={async () => (await got(api.GET("/api/v1/tickets", { params: { query } }))).items}
    >
      {(one) => (
        <li>
          <TicketLine ticket={one} />
        </li>
      )}
    </ReadSection>
  );
}
