import { CircleCheck, CircleMinus, type LucideIcon, OctagonX, TriangleAlert } from "lucide-react";
import { useWords } from "../../words/words";
import { type Colour, type Kpi, written } from "./target";

const ICONS: Record<Colour, LucideIcon> = {
  green: CircleCheck,
  yellow: TriangleAlert,
  red: OctagonX,
  none: CircleMinus,
};

/** A value with its traffic light: a colour, a shape and a word. */
export function Light({ light, kpi, value }: { light: Colour; kpi: Kpi; value: number | null }) {
  const { named } = useWords();
  const Icon = ICONS[light];
  return (
    <span className="light" data-light={light}>
      <Icon aria-hidden="true" />
      {value !== null && <span className="numbers">{written(kpi, value)}</span>}
      <span className="word">{named("light", light)}</span>
    </span>
  );
}
