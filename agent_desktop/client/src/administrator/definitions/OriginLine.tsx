import { Pill } from "../../parts/Card";
import { useWords } from "../../words/words";

/** Whose word counts: the configuration file's, or what was said here. */
export function OriginLine({ origin, means }: { origin: "file" | "edited"; means: string }) {
  const { word, named } = useWords();
  return (
    <p id="origin">
      <Pill kind={origin === "file" ? "plain" : "good"}>
        {word("definedBy", { origin: named("origin", origin) })}
      </Pill>{" "}
      <span className="muted">{means}</span>
    </p>
  );
}
