import type { Desk } from "../desk/desk";
import { Age } from "../parts/Age";
import { kindOfState } from "../parts/agent_state";
import { Button } from "../parts/Button";
import { Pill } from "../parts/Card";
import { MenuButton } from "../parts/MenuButton";
import { stateInWords, useWords } from "../words/words";

const UNNAMED = "-"; // not ready without a reason; a reason is never called so

/** How the agent is, what comes after the contact at hand, and the two choices. */
export function StateControl({ desk }: { desk: Desk }) {
  const { word } = useWords();
  const { agent } = desk;
  if (!agent?.state) return null;
  const next = agent.next_state ? ` → ${stateInWords(agent.next_state, agent.next_reason)}` : "";
  return (
    <div className="state" id="state">
      <Pill id="state-name" role="status" kind={kindOfState(agent.state, agent.unfit)}>
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
      <NotReady desk={desk} />
    </div>
  );
}

function NotReady({ desk }: { desk: Desk }) {
  const { word, named } = useWords();
  const reasons = desk.lists.not_ready_reasons.map((id) => ({ id, label: named("reason", id) }));
  const choose = (id: string) => void desk.setState("not_ready", id === UNNAMED ? null : id);
  return (
    <MenuButton
      id="reason"
      label={word("notReady")}
      of={word("notReadyBecause")}
      options={[{ id: UNNAMED, label: word("notReady") }, ...reasons]}
      choose={choose}
    />
  );
}
