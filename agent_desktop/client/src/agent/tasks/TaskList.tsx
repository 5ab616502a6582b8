/** All that there is to do, of every channel: what rings and is in hand, call-backs, tasks, tickets that are due. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import { DueTickets, OwnTasks } from "../../customers/OwnWork";
import type { Desk } from "../../desk/desk";
import { TO_DO, UNREAD, type Versions } from "../../desk/to_do";
import { Age } from "../../parts/Age";
import { Button } from "../../parts/Button";
import { Card, Pill } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { Section } from "../../parts/Section";
import { moment } from "../../parts/time";
import { api, got, type Schemas } from "../../server/rest";
import { may, useSession } from "../../session/session";
import { useWords } from "../../words/words";
import { CallBacks } from "./CallBacks";
import { WorkItem } from "./WorkItem";

export type Owing = Schemas["OwedDisposition"];

interface TaskListProps {
  desk: Desk;
  onOwed(owed: Owing): void;
  chosen: string | null;
  onChoose(contact: string | null): void;
}

interface AtHandProps extends Pick<TaskListProps, "onChoose"> {
  chosen: boolean;
  children: ReactNode;
}

export function TaskList({ desk, chosen, onChoose, onOwed }: TaskListProps) {
  const { word } = useWords();
  const { account } = useSession();
  useReadAgain(desk.toDo);
  const work = useQuery({ queryKey: ["to-do", "work"], queryFn: () => got(api.GET("/api/v1/work")) });
  const agent = desk.agent?.id ?? "";
  const { call } = desk;
  const wrapUp = call ? null : desk.agent?.wrap_up;
  const count = (work.data?.length ?? 0) + (call || wrapUp ? 1 : 0);
  return (
    <Card title={word("toDo")} className="task-list" id="to-do">
      <Section name="inHand" count={count}>
        {call && (
          <AtHand chosen={chosen === null} onChoose={onChoose}>
            <Pill kind="busy">{word("call")}</Pill>
            <span className="gap">{call.pop?.caller_number}</span>
            <Age since={call.since} />
          </AtHand>
        )}
        {wrapUp && (
          <AtHand chosen={chosen === null} onChoose={onChoose}>
            <Pill kind="warn">{word("state.wrap_up")}</Pill>
            <span className="gap">
              {desk.pop?.contact_id === wrapUp.contact_id && desk.pop.caller_number}
            </span>
          </AtHand>
        )}
        {work.data?.map((one) => (
          <WorkItem key={one.contact_id} work={one} chosen={chosen === one.contact_id} onChoose={onChoose} />
        ))}
      </Section>
      <Failure of={work.error} />
      {may(account, "calls.dial") && <CallBacks desk={desk} />}
      {may(account, "tasks.own") && agent && <OwnTasks agent={agent} />}
      {may(account, "tickets.read") && agent && <DueTickets agent={agent} />}
      <Owed agent={agent} desk={desk} onOwed={onOwed} />
    </Card>
  );
}

/** Each part that may have changed, and no other: three hundred agents' pages ask. */
function useReadAgain(versions: Versions) {
  const queries = useQueryClient();
  const read = useRef(UNREAD);
  useEffect(() => {
    const changed = TO_DO.filter((part) => versions[part] !== read.current[part]);
    read.current = versions;
    for (const part of changed) void queries.invalidateQueries({ queryKey: ["to-do", part] });
  }, [queries, versions]);
}

/** The call or its wrap-up, and the way back to it from whatever else is looked at. */
function AtHand({ chosen, onChoose, children }: AtHandProps) {
  const { word } = useWords();
  return (
    <li className="item" id="at-hand" aria-current={chosen}>
      {children}
      {!chosen && (
        <Button id="show-at-hand" look="quiet" onPress={() => onChoose(null)}>
          {word("show")}
        </Button>
      )}
    </li>
  );
}

/** Conversations whose outcome the queue wants still: the wrap-up ran out, or the server restarted. */
function Owed({ agent, desk, onOwed }: { agent: string; desk: Desk; onOwed(owed: Owing): void }) {
  const { word, named } = useWords();
  const owed = useQuery({
    queryKey: ["to-do", "owed", agent],
    enabled: agent !== "",
    queryFn: () =>
      got(api.GET("/api/v1/agents/{agent_id}/owed-dispositions", { params: { path: { agent_id: agent } } })),
  });
  const others = owed.data?.filter((one) => one.interaction_id !== desk.agent?.wrap_up?.interaction_id) ?? [];
  if (!others.length) return <Failure of={owed.error} />;
  return (
    <Section name="outcomesOwed" count={others.length}>
      {others.map((one) => (
        <li key={one.interaction_id} className="item">
          <span className="gap">
            {named("queueName", one.queue)} <span className="muted">{moment(one.started_at)}</span>
          </span>
          <Button onPress={() => onOwed(one)}>{word("recordOutcome")}</Button>
        </li>
      ))}
    </Section>
  );
}
