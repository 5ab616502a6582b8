import { kindOfState } from "../parts/agent_state";
import { Pill } from "../parts/Card";
import { stateInWords, useWords } from "../words/words";
import type { Agent } from "./floor_state";

/** An agent's state, and what they are to be afterwards. */
export function StatePill({ agent }: { agent: Agent }) {
  const { word } = useWords();
  const { state, reason, next_state, next_reason, unfit } = agent;
  return (
    <>
      <Pill kind={kindOfState(state, unfit)}>{stateInWords(state, reason)}</Pill>
      {next_state && (
        <span className="muted"> {word("seat.next", { state: stateInWords(next_state, next_reason) })}</span>
      )}
    </>
  );
}
