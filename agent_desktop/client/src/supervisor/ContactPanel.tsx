/** One contact: what is known of it, from its beginning, and what a supervisor does in it. */

import { useQuery } from "@tanstack/react-query";
import { Facts } from "../parts/Card";
import { length, moment } from "../parts/time";
import { api, got, Refusal, type Schemas } from "../server/rest";
import { may, useSession } from "../session/session";
import { reasonOf, useWords } from "../words/words";
import { Explanation } from "./Explanation";
import { seconds } from "./format";
import { Lines } from "./Lines";
import { Listening } from "./Listening";
import { Recording } from "./Recording";
import { Coaching, Nudge } from "./Remarks";

type History = Schemas["ContactHistory"];

const AGAIN = 4_000; // ms, while it goes on
const SOON = 1_500; // ms: who has just come is in the records within two seconds

export function ContactPanel({ contact, agent }: { contact: string; agent?: string }) {
  const { word } = useWords();
  const { account } = useSession();
  const path = { contact_id: contact };
  const { data, error } = useQuery({
    queryKey: ["contact", contact],
    queryFn: () => got(api.GET("/api/v1/contacts/{contact_id}", { params: { path } })),
    refetchInterval: ({ state }) => {
      if (isNotYet(state.error)) return SOON;
      return state.data?.contact.ended_at ? false : AGAIN;
    },
  });
  const whose = agent ?? data?.contact.agent_id ?? null;
  return (
    <div className="stack" id="contact">
      {may(account, "calls.listen") && !data?.contact.ended_at && (
        <>
          <Listening contact={contact} agent={whose} />
          <Nudge contact={contact} agent={whose} />
        </>
      )}
      {data ? (
        <Told history={data} />
      ) : (
        <p className="muted" role="status">
          {error ? (isNotYet(error) ? word("contact.notYet") : reasonOf(error)) : word("loading")}
        </p>
      )}
      {may(account, "calls.listen") && whose && <Coaching contact={contact} agent={whose} />}
      <Explanation
        label={word("contact.explanation")}
        name={`contact ${contact}`}
        read={() => readWhy(contact)}
      />
    </div>
  );
}

function isNotYet(error: unknown): boolean {
  return error instanceof Refusal && error.status === 404;
}

async function readWhy(contact: string) {
  const path = { contact_id: contact };
  const { phases, choices, now } = await got(
    api.GET("/api/v1/contacts/{contact_id}/explanation", { params: { path } }),
  );
  return [
    ...phases.map(({ since, told }) => ({ at: since, told })),
    ...choices.map(({ offered_at, told }) => ({ at: offered_at, told })),
    ...(now ? [{ at: null, told: now.told }] : []),
  ].sort((one, other) => (one.at ?? "~").localeCompare(other.at ?? "~"));
}

function Told({ history }: { history: History }) {
  const { word, named } = useWords();
  const { account } = useSession();
  const { contact, interactions, legs, notes, coaching, recordings } = history;
  return (
    <>
      <Facts
        facts={[
          [word("contact.number"), contact.caller_number],
          [word("contact.dialled"), contact.dialled_number],
          [word("floor.queue"), named("queueName", contact.queue)],
          [word("contact.phase"), named("phase", contact.phase)],
          [word("contact.arrived"), moment(contact.arrived_at)],
          [word("contact.waited"), contact.wait_seconds === null ? null : seconds(contact.wait_seconds)],
          [word("contact.menu"), contact.menu_path.join(" › ")],
          [word("contact.ended"), moment(contact.ended_at)],
          [word("contact.outcome"), contact.outcome && named("outcome", contact.outcome)],
        ]}
      />
      <Lines
        title={word("contact.interactions")}
        lines={interactions.map(({ started_at, offered_at, ended_at, agent_id, queue, outcome }) => ({
          at: started_at ?? offered_at,
          text: [
            agent_id,
            named("queueName", queue),
            started_at && ended_at && between(started_at, ended_at),
            ended_at && named("outcome", outcome),
          ],
        }))}
      />
      <Lines
        title={word("contact.legs")}
        lines={legs.map(({ started_at, role, party, codec, reason }) => ({
          at: started_at,
          text: [named("role", role), party, codec, reason],
        }))}
      />
      <Lines
        title={word("contact.notes")}
        lines={notes.map(({ at, agent_id, text }) => ({ at, text: [agent_id, text] }))}
      />
      <Lines
        title={word("contact.coaching")}
        lines={coaching.map(({ at, agent_id, text }) => ({ at, text: [agent_id, text] }))}
      />
      {recordings.length > 0 && may(account, "recordings.play") && (
        <section>
          <h3>{word("contact.recordings")}</h3>
          <div className="buttons">
            {recordings.map(({ id, agent_id, started_at }) => (
              <Recording
                key={id}
                id={id}
                label={`${word("contact.play")} ${agent_id} ${moment(started_at)}`}
              />
            ))}
          </div>
        </section>
      )}
    </>
  );
}

function between(from: string, to: string): string {
  return length((Date.parse(to) - Date.parse(from)) / 1000);
}
