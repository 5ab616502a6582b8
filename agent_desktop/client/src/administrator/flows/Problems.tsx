/** What keeps a text from being published, each with the way to its line. */

import type { Schemas } from "../../server/rest";
import { useWords } from "../../words/words";

type Problem = Schemas["FlowProblem"];

interface ProblemsProps {
  of: readonly Problem[] | null;
  onGoTo(problem: Problem): void;
}

export function Problems({ of, onGoTo }: ProblemsProps) {
  const { word } = useWords();
  if (!of) return null;
  if (!of.length) return <p role="status">{word("flows.noProblem")}</p>;
  return (
    <section aria-label={word("flows.problems")}>
      <p role="status">{word("flows.problemsFound", { count: of.length })}</p>
      <ul className="listed" id="problems">
        {of.map((each) => (
          <li key={`${each.file} ${each.line} ${each.message}`}>
            <button type="button" className="link" onClick={() => onGoTo(each)}>
              {word("flows.line", { file: each.file, line: each.line })}
            </button>{" "}
            {each.node && <code>{each.node}</code>} <span lang="en">{each.message}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
