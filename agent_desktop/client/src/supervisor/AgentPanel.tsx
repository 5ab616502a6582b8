/** One agent: how they are, what a supervisor can do about it, and what they have in hand. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Age } from "../parts/Age";
import { Button } from "../parts/Button";
import { Card, Facts } from "../parts/Card";
import { Select } from "../parts/Fields";
import { api, got } from "../server/rest";
import { may, useSession } from "../session/session";
import { named, useWords } from "../words/words";
import { useAct } from "./act";
import { ContactPanel } from "./ContactPanel";
import { Explanation } from "./Explanation";
import type { Agent } from "./floor_state";
import { seconds, share } from "./format";
import { StatePill } from "./StatePill";
import { useFloorState } from "./use_floor";

export function AgentPanel({ agent }: { agent: Agent }) {
  const { word } = useWords();
  const { account } = useSession();
  const { figures } = useFloorState();
  const today = figures?.agents[agent.id]?.today;
  const skills = Object.entries(agent.skills).map(([skill, level]) => `${skill} ${level}`);
  return (
    <>
      <div className="buttons" id="agent-state">
        <StatePill agent={agent} />
        <Age since={agent.since} />
      </div>
      {may(account, "state.any") && <ForceState agent={agent} />}
      <Card title={word("seat.contact")}>
        {agent.contact_id ? (
          <ContactPanel key={agent.contact_id} contact={agent.contact_id} agent={agent.id} />
        ) : (
          <p className="empty">{word("seat.noContact")}</p>
        )}
      </Card>
      <Card title={word("floor.today")}>
        <Facts
          facts={[
            [word("floor.handled"), today?.handled],
            [word("floor.aht"), seconds(today?.aht)],
            [word("floor.occupancy"), share(today?.occupancy)],
            [word("floor.missed"), today?.missed],
            [word("seat.openWork"), agent.open_work],
            [word("seat.skills"), skills.join(", ")],
            [word("floor.fitness"), agent.unfit.map((reason) => named("unfit", reason)).join("; ")],
            [
              word("seat.beside"),
              agent.beside
                .map(({ channel, queue }) => `${named("channel", channel)} ${named("queueName", queue)}`)
                .join(", "),
            ],
          ]}
        />
      </Card>
      <Explanation label={word("seat.why")} read={() => readWhy(agent.id)} name={`agent ${agent.id}`} />
    </>
  );
}

/** The last hour, newest first. */
async function readWhy(agent: string): Promise<{ at: string; told: Record<string, string> }[]> {
  const path = { agent_id: agent };
  const { stretches } = await got(
    api.GET("/api/v1/agents/{agent_id}/explanation", { params: { path, query: { minutes: 60 } } }),
  );
  return stretches
    .flatMap(({ passed_by, not_theirs }) => [
      ...passed_by.map(({ at, told }) => ({ at, told })),
      ...not_theirs.map(({ since, told }) => ({ at: since, told })),
    ])
    .reverse();
}

function ForceState({ agent }: { agent: Agent }) {
  const { word, named } = useWords();
  const { account } = useSession();
  const { busy, act } = useAct();
  const [reason, setReason] = useState<string | null>(null);
  const seated = may(account, "stream");
  const { data } = useQuery({
    queryKey: ["desktop"],
    queryFn: () => got(api.GET("/api/v1/desktop")),
    enabled: seated,
  });
  const reasons = (data?.not_ready_reasons ?? []).map((id) => ({ id, label: named("reason", id) }));
  const params = { path: { agent_id: agent.id } };
  const force = (state: "ready" | "not_ready" | "logged_out") =>
    act(() =>
      got(
        api.PUT("/api/v1/agents/{agent_id}/state", {
          params,
          body: { state, reason: state === "not_ready" ? reason : null },
        }),
      ),
    );
  return (
    <fieldset className="force">
      <legend>{word("seat.force")}</legend>
      <div className="row">
        <Button
          id="force-ready"
          isDisabled={busy || agent.state === "ready"}
          onPress={() => void force("ready")}
        >
          {word("seat.ready")}
        </Button>
        <Select label={word("seat.reason")} options={reasons} value={reason} onChange={setReason} />
        <Button id="force-not-ready" isDisabled={busy} onPress={() => void force("not_ready")}>
          {word("seat.notReady")}
        </Button>
        <Button
          id="force-log-out"
          isDisabled={busy || agent.state === "logged_out"}
          onPress={() => void force("logged_out")}
        >
          {word("seat.logOut")}
        </Button>
        {may(account, "agents.release") && (
          <Button
            look="stop"
            isDisabled={busy}
            aria-description={word("seat.releaseWhy")}
            onPress={() => void act(() => got(api.POST("/api/v1/agents/{agent_id}/release", { params })))}
          >
            {word("seat.release")}
          </Button>
        )}
      </div>
    </fieldset>
  );
}
