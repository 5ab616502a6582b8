import type { ChangeEvent } from "react";
import type { Desk } from "../desk/desk";
import { Age } from "../parts/Age";
import { Button } from "../parts/Button";
import { type Kind, Pill } from "../parts/Card";
import { stateInWords, useWords } from "../words/words";

const KINDS: Record<string, Kind> = { ready: "ready", ringing: "busy", talking: "busy", wrap_up: "warn" };

/** How the agent is, what comes after the contact at hand, and the two choices. */
export function StateControl({ desk }: { desk: Desk }) {
  const { word, named } = useWords();
  const { agent, lists } = desk;
  if (!agent?.state) return null;
  const next = agent.next_state ? ` → ${stateInWords(agent.next_state, agent.next_reason)}` : "";
  const kind = agent.unfit?.length && agent.state === "ready" ? "warn" : (KINDS[agent.state] ?? "away");
  function choose(event: ChangeEvent<HTMLSelectElement>) {
    void desk.setState("not_ready", event.target.value || null);
  }
  return (
    <div className="state" id="state">
      <Pill id="state-name" role="status" kind={kind}>
        {stateInWords(agent.state, agent.reason) + next}
      </Pill>
      {agent.since && <Age id="state-since" since={agent.since} />}
      <Button
        id="ready"
        look={agent.state === "ready" ? "plain" : "go"}
        isDisabled={agent.state === "ready"}
        onPress={() => void desk.setState("ready")}
      >
        {word("ready")}
      </Button>
      <select id="reason" className="native" aria-label={word("notReadyBecause")} value="-" onChange={choose}>
        <option value="-" disabled hidden>
          {word("notReady")}
        </option>
        <option value="">{word("notReady")}</option>
        {lists.not_ready_reasons.map((reason) => (
          <option key={reason} value={reason}>
            {named("reason", reason)}
          </option>
        ))}
      </select>
    </div>
  );
}
