import { type Kind, Pill } from "../parts/Card";
import { stateInWords, useWords } from "../words/words";
import type { Agent } from "./floor_state";

const KINDS: Record<string, Kind> = {
  ready: "ready",
  ringing: "warn",
  talking: "busy",
  wrap_up: "busy",
  not_ready: "away",
  logged_out: "plain",
};

/** An agent's state, and what they are to be afterwards. */
export function StatePill({ agent }: { agent: Agent }) {
  const { word } = useWords();
  const { state, reason, next_state, next_reason, unfit } = agent;
  const kind = state === "ready" && unfit.length ? "bad" : (KINDS[state] ?? "plain");
  return (
    <>
      <Pill kind={kind}>{stateInWords(state, reason)}</Pill>
      {next_state && (
        <span className="muted"> {word("seat.next", { state: stateInWords(next_state, next_reason) })}</span>
      )}
    </>
  );
}
