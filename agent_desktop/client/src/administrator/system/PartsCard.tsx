import { bytes } from "../../parts/bytes";
import { Card, Pill } from "../../parts/Card";
import { useWords } from "../../words/words";
import { figureOf, LOOKS, type PartHealth, told, worstFirst } from "./health";

export function PartsCard({ parts }: { parts: readonly PartHealth[] }) {
  const { word } = useWords();
  return (
    <Card id="parts" title={word("system.parts")}>
      <ul className="health">
        {worstFirst(parts).map((each) => (
          <Part key={each.part} of={each} />
        ))}
      </ul>
    </Card>
  );
}

function Part({ of }: { of: PartHealth }) {
  const { word, named } = useWords();
  const advice = of.state === "ok" ? "" : told(named, "healthAdvice", of);
  return (
    <li data-part={of.part} data-state={of.state}>
      <Pill kind={LOOKS[of.state]}>{named("health", of.state)}</Pill>
      <div>
        <h3>{named("healthPart", of.part)}</h3>
        {of.reason && <p>{told(named, "healthReason", of)}</p>}
        {of.detail && (
          <p className="muted" lang="en">
            {of.detail}
          </p>
        )}
        {advice && (
          <p>
            <strong>{word("system.advice")}</strong> {advice}
          </p>
        )}
        <Figures of={of} />
      </div>
    </li>
  );
}

const UNITS = { count: "", bytes: "", seconds: " s", days: "" };

function Figures({ of }: { of: PartHealth }) {
  const { named } = useWords();
  const figures = Object.entries(of.figures).map(([name, value]) => figureOf(name, value));
  if (!figures.length) return null;
  return (
    <p className="muted numbers">
      {figures
        .map((each) => {
          const told = each.unit === "bytes" ? bytes(each.value) : each.value.toLocaleString();
          return `${each.of ? `${each.of}: ` : ""}${named("healthFigure", each.name)} ${told}${UNITS[each.unit]}`;
        })
        .join(" · ")}
    </p>
  );
}
