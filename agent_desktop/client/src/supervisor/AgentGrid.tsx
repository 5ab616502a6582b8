/** Everybody on the floor, each with what they do, and today's figures. */

import { useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { Age } from "../parts/Age";
import { Card } from "../parts/Card";
import { Select, TextField } from "../parts/Fields";
import { type LiveColumn, LiveTable } from "../parts/LiveTable";
import { named, useWords, word as wordNow } from "../words/words";
import { type AgentRow, agentRows, isWanted, rank, STATES, teamsOf } from "./agent_rows";
import { useDrawer } from "./drawer";
import { seconds, share } from "./format";
import { StatePill } from "./StatePill";
import { useFloorState } from "./use_floor";

const ANY = "any";

export function AgentGrid() {
  const { word, named, language } = useWords();
  const state = useFloorState();
  const { show } = useDrawer();
  const [text, setText] = useState("");
  const [which, setWhich] = useState(ANY);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the heads are words of the page's language
  const columns = useMemo(() => columnsFor((agent) => show({ agent })), [show, language]);
  const rows = agentRows(state);
  const [search, setSearch] = useSearchParams();
  const team = search.get("team") ?? "";
  const wanted = { text, state: which === ANY ? "" : which, team };
  const shown = rows.filter((row) => isWanted(row, wanted));
  const states = [ANY, ...STATES].map((id) => ({
    id,
    label: id === ANY ? word("floor.anyState") : named("state", id),
  }));
  const teams = [...new Set([...teamsOf(rows), ...(team ? [team] : [])])];
  /** In the page's address, so that it can be kept, and sent to somebody. */
  function chooseTeam(name: string) {
    setSearch((before) => {
      const after = new URLSearchParams(before);
      if (name === ANY) after.delete("team");
      else after.set("team", name);
      return after;
    });
  }
  return (
    <Card
      id="agents"
      title={word("floor.agents")}
      beside={
        <span className="muted numbers" role="status">
          {word("floor.count", { shown: shown.length, all: rows.length })}
        </span>
      }
    >
      <div className="row filters">
        <TextField id="agent-filter" label={word("floor.search")} value={text} onChange={setText} />
        <Select label={word("floor.state")} options={states} value={which} onChange={setWhich} />
        {teams.length > 0 && (
          <Select
            id="team-filter"
            label={word("floor.team")}
            options={[{ id: ANY, label: word("floor.anyTeam") }, ...teams.map((id) => ({ id, label: id }))]}
            value={team || ANY}
            onChange={chooseTeam}
          />
        )}
      </div>
      <LiveTable
        id="agent-grid"
        label={word("floor.agents")}
        columns={columns}
        rows={shown}
        idOf={({ agent }) => agent.id}
        empty={word("floor.noAgents")}
        sorted={{ column: "state", direction: "ascending" }}
      />
    </Card>
  );
}

function columnsFor(open: (agent: string) => void): LiveColumn<AgentRow>[] {
  return [
    {
      id: "agent",
      label: wordNow("floor.agent"),
      by: ({ agent }) => agent.name,
      cell: ({ agent }) => (
        <>
          <button type="button" className="link" onClick={() => open(agent.id)}>
            {agent.name}
          </button>
          <span className="muted numbers"> {agent.number}</span>
        </>
      ),
    },
    {
      id: "state",
      label: wordNow("floor.state"),
      by: ({ agent }) => rank(agent.state),
      cell: ({ agent }) => <StatePill agent={agent} />,
    },
    {
      id: "since",
      label: wordNow("floor.since"),
      number: true,
      by: ({ agent }) => Date.parse(agent.since),
      cell: ({ agent }) => <Age since={agent.since} />,
    },
    {
      id: "hand",
      label: wordNow("floor.inHand"),
      by: ({ agent, leg }) => leg?.queue ?? agent.beside[0]?.queue,
      cell: InHand,
    },
    {
      id: "handled",
      label: wordNow("floor.handled"),
      number: true,
      by: ({ figures }) => figures?.today.handled,
      cell: ({ figures }) => figures?.today.handled ?? "–",
    },
    {
      id: "aht",
      label: wordNow("floor.aht"),
      number: true,
      by: ({ figures }) => figures?.today.aht,
      cell: ({ figures }) => seconds(figures?.today.aht),
    },
    {
      id: "occupancy",
      label: wordNow("floor.occupancy"),
      number: true,
      by: ({ figures }) => figures?.today.occupancy,
      cell: ({ figures }) => share(figures?.today.occupancy),
    },
    {
      id: "missed",
      label: wordNow("floor.missed"),
      number: true,
      by: ({ figures }) => figures?.today.missed,
      cell: ({ figures }) => figures?.today.missed ?? "–",
    },
    {
      id: "fitness",
      label: wordNow("floor.fitness"),
      cell: ({ agent }) => agent.unfit.map((reason) => named("unfit", reason)).join("; "),
    },
  ];
}

function InHand({ agent, leg }: AgentRow) {
  const call = agent.contact_id && (leg?.queue ? named("queueName", leg.queue) : named("channel", "voice"));
  const heard = leg?.listeners.length ? ` · ${named("leg", "monitor")}: ${leg.listeners.join(", ")}` : "";
  const beside = agent.beside.map(
    ({ channel, queue }) => `${named("channel", channel)} ${named("queueName", queue)}`,
  );
  return [call && `${call}${leg?.number ? ` ${leg.number}` : ""}${heard}`, ...beside]
    .filter(Boolean)
    .join(", ");
}
