/** Where the walk has come to: its end, or why it does not go on. */

import { Button } from "../../parts/Button";
import { Facts } from "../../parts/Card";
import { useWords } from "../../words/words";
import type { Trial } from "./FlowTrial";

interface TrialEndProps {
  of: Trial;
  busy: boolean;
  /** The caller comes back from where they were led. */
  onLeaves(way: string): void;
  /** Says what the flow asked for; null where that is none of the systems outside. */
  onTell: (() => void) | null;
}

const FROM_QUEUE = ["closed", "full", "nobody", "waited"];

export function TrialEnd({ of, busy, onLeaves, onTell }: TrialEndProps) {
  const { word, named } = useWords();
  const last = of.steps.at(-1);
  const ways = last?.kind === "queue" ? FROM_QUEUE : last?.kind === "transfer" ? ["failed"] : [];
  return (
    <>
      {of.ended && last && (
        <p id="trial-ended" role="status">
          <strong>{word("flows.ended")}</strong> {named("trialStep", last.kind)}{" "}
          {named("trialWhat", last.what)}
        </p>
      )}
      {of.ended && ways.length > 0 && (
        <div className="buttons">
          {ways.map((way) => (
            <Button key={way} isDisabled={busy} onPress={() => onLeaves(way)}>
              {named("leaves", way)}
            </Button>
          ))}
        </div>
      )}
      {(of.wanted === "given" || of.wanted === "other_deed") && (
        <p className="alert" role="alert">
          <span>
            {word(of.wanted === "given" ? "flows.givenWanted" : "flows.otherDeedWanted")}{" "}
            <span lang="en">{of.missing}</span>
          </span>
          {onTell && (
            <Button id="trial-tell" isDisabled={busy} onPress={onTell}>
              {word("flows.tell")}
            </Button>
          )}
        </p>
      )}
      {of.faults.length > 0 && (
        <ul className="listed" aria-label={word("flows.faults")}>
          {of.faults.map((fault) => (
            <li key={fault} className="alert" lang="en">
              {fault}
            </li>
          ))}
        </ul>
      )}
      <Facts
        facts={[
          [
            word("flows.agentSees"),
            Object.entries(of.attributes)
              .map(([name, value]) => `${name}: ${value}`)
              .join(" · "),
          ],
          [word("flows.form"), of.form],
          [word("flows.served"), of.ended && word(of.served ? "flows.yes" : "flows.no")],
        ]}
      />
    </>
  );
}
