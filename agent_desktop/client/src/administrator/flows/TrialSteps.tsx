/** What the caller hears, node by node, in every language; and what they do. */

import type { Schemas } from "../../server/rest";
import { useWords } from "../../words/words";
import type { Trial } from "./FlowTrial";

type Step = Schemas["TrialStep"];
type Said = Schemas["SaidPrompt"];

export function TrialSteps({ of, others }: { of: Trial; others: readonly Trial[] }) {
  const { word, named } = useWords();
  return (
    <ol className="steps" aria-label={word("flows.steps")}>
      {of.steps.map((step, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is where it stands
        <li key={place} data-node={step.node} data-kind={step.kind}>
          <p className="muted">
            <code>{step.flow === of.flow ? step.node : `${step.flow}: ${step.node}`}</code>{" "}
            {named("trialStep", step.kind)} {named("trialWhat", step.what)}
          </p>
          {heard(step, others, place).map((said) => (
            <p key={`${said.name} ${said.language}`} lang={said.language}>
              {said.text ?? <span className="muted">{word("flows.aRecording", { name: said.name })}</span>}
            </p>
          ))}
          {step.deed && <p className="deed">{inWords(step.deed)}</p>}
        </li>
      ))}
    </ol>
  );

  function inWords({ presses, says, records, leaves }: NonNullable<Step["deed"]>): string {
    if (presses) return word("flows.pressed", { keys: presses });
    if (says) return word("flows.said", { words: says });
    if (records) return word("flows.recorded", { seconds: records });
    return leaves ? word("flows.left_by", { way: named("leaves", leaves) }) : word("flows.wasSilent");
  }
}

/** Also as it is said in the other languages, where the same step is gone there. */
function heard(step: Step, others: readonly Trial[], place: number): Said[] {
  const there = others.map((each) => each.steps[place]).filter((each) => each?.node === step.node);
  const all = [step, ...there].flatMap((each) => each?.said ?? []);
  return all.filter(
    (one, at) => all.findIndex((each) => each.name === one.name && each.language === one.language) === at,
  );
}
