/** How the server is doing, what it came upon, and what stands still; worst first. */

import { useQuery } from "@tanstack/react-query";
import { Facts, Pill } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { moment } from "../../parts/time";
import { api, got } from "../../server/rest";
import { may, useSession } from "../../session/session";
import { useWords } from "../../words/words";
import { DisksCard } from "./DisksCard";
import { LOOKS } from "./health";
import { IncidentsCard } from "./IncidentsCard";
import { OutboxCard } from "./OutboxCard";
import { PartsCard } from "./PartsCard";
import { WorkersCard } from "./WorkersCard";
import "./system.css";

const EVERY = 10_000; // ms

export default function SystemPage() {
  const { word, named } = useWords();
  const { account } = useSession();
  const mine = (permission: string) => account !== null && may(account, permission);
  const health = useQuery({
    queryKey: ["system-health"],
    queryFn: () => got(api.GET("/api/v1/system-health")),
    refetchInterval: EVERY,
  });
  const now = health.data;
  return (
    <>
      <div className="page-head">
        <h1>{word("system.title")}</h1>
        {now && (
          <Pill id="system-state" kind={LOOKS[now.state]} role="status">
            {named("healthWhole", now.state)}
          </Pill>
        )}
      </div>
      <Failure of={health.error} />
      {health.isPending && <p role="status">{word("loading")}</p>}
      {now && (
        <>
          <Facts
            facts={[
              [word("system.asOf"), moment(now.at)],
              [word("system.version"), now.version],
              [word("system.startedAt"), moment(now.started_at)],
              [word("system.holder"), word("system.turn", { holder: now.holder, turn: now.turn })],
            ]}
          />
          <PartsCard parts={now.parts} />
        </>
      )}
      {mine("incidents.read") && <IncidentsCard />}
      {mine("metrics.read") && <DisksCard />}
      {mine("workers.drain") && <WorkersCard />}
      {mine("outbox.read") && <OutboxCard mayDecide={mine("outbox.manage")} />}
    </>
  );
}
