/** Two texts line by line: what came, what went. */

import { useWords } from "../../words/words";

const KINDS: Record<string, string> = { "+": "came", "-": "went", "@": "place" };

export function UnifiedDifference({ text }: { text: string }) {
  const { word } = useWords();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys
    // biome-ignore lint/a11y/useSemanticElements: a group of lines is no form
    <div className="difference" role="group" aria-label={word("flows.difference")} tabIndex={0}>
      {text.split("\n").map((line, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line has no other name, and keeps its place
        <code key={place} data-kind={KINDS[line[0] ?? ""]}>
          {line || " "}
        </code>
      ))}
    </div>
  );
}
