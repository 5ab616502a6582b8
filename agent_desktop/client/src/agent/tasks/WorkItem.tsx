import { useQueryClient } from "@tanstack/react-query";
import { Button } from "../../parts/Button";
import { Pill } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { length, useNow } from "../../parts/time";
import { useDone } from "../../parts/useDone";
import { api, got, type Schemas } from "../../server/rest";
import { useWords } from "../../words/words";

interface WorkItemProps {
  work: Schemas["WorkView"];
  chosen: boolean;
  onChoose(contact: string | null): void;
}

/** A mail, message or task that rings, or that the agent has in hand. */
export function WorkItem({ work, chosen, onChoose }: WorkItemProps) {
  const { word, named } = useWords();
  const queries = useQueryClient();
  const { busy, failure, attempt } = useDone();
  const params = { path: { contact_id: work.contact_id } };
  const ringing = work.state === "ringing";
  async function does(what: () => Promise<unknown>, then: string | null) {
    if (await attempt(what)) onChoose(then);
    void queries.invalidateQueries({ queryKey: ["to-do"] });
  }
  const accept = () =>
    does(() => got(api.POST("/api/v1/work/{contact_id}/accept", { params })), work.contact_id);
  const decline = () => does(() => got(api.POST("/api/v1/work/{contact_id}/decline", { params })), null);
  const complete = () =>
    does(() => got(api.POST("/api/v1/work/{contact_id}/complete", { params, body: {} })), null);
  const giveBack = () => does(() => got(api.POST("/api/v1/work/{contact_id}/give-back", { params })), null);
  return (
    <li className="item work" aria-current={chosen} data-contact={work.contact_id}>
      <Pill kind={ringing ? "warn" : "busy"}>{named("channel", work.channel)}</Pill>
      <span className="gap">
        {work.subject || work.address}{" "}
        <span className="muted">
          {[named("queueName", work.queue), work.transferred_by].filter(Boolean).join(" · ")}
        </span>
      </span>
      {ringing && work.expires_at && <Left until={work.expires_at} />}
      <span className="buttons">
        {ringing ? (
          <>
            <Button look="go" isDisabled={busy} onPress={() => void accept()}>
              {word("accept")}
            </Button>
            <Button isDisabled={busy} onPress={() => void decline()}>
              {word("decline")}
            </Button>
          </>
        ) : (
          <>
            {!chosen && <Button onPress={() => onChoose(work.contact_id)}>{word("show")}</Button>}
            <Button isDisabled={busy} onPress={() => void complete()}>
              {word("completeWork")}
            </Button>
            <Button look="quiet" isDisabled={busy} onPress={() => void giveBack()}>
              {word("giveBack")}
            </Button>
          </>
        )}
      </span>
      <Failure of={failure} />
    </li>
  );
}

function Left({ until }: { until: string }) {
  return <span className="numbers muted">{length((Date.parse(until) - useNow()) / 1000)}</span>;
}
