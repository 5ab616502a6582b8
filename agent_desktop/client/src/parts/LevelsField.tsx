/** Names with a level each, as skills have: chosen, given a level, taken away. */

import { X } from "lucide-react";
import type { ReactNode } from "react";
import { useWords } from "../words/words";
import { Button } from "./Button";
import { NumberField, type Option, Select } from "./Fields";

export type Levels = Record<string, number>;

interface LevelsFieldProps {
  legend: ReactNode;
  hint?: ReactNode;
  name: string;
  levels: Levels;
  onChange(levels: Levels): void;
  /** What can be chosen, besides what is. */
  options: readonly Option[];
  lowest?: number;
  highest?: number;
}

export function LevelsField({
  legend,
  hint,
  name,
  levels,
  onChange,
  options,
  lowest = 1,
  highest = 10,
}: LevelsFieldProps) {
  const { word } = useWords();
  const labelOf = (id: string) => options.find((one) => one.id === id)?.label ?? id;
  const others = options.filter(({ id }) => !(id in levels));
  return (
    <fieldset className="levels" id={name}>
      <legend>{legend}</legend>
      {hint && <p className="hint">{hint}</p>}
      <div className="row">
        {Object.entries(levels).map(([id, level]) => (
          <div key={id} className="one-level">
            <NumberField
              label={labelOf(id)}
              name={`${name}-${id}`}
              value={level}
              minValue={lowest}
              maxValue={highest}
              isRequired
              onChange={(to) => onChange({ ...levels, [id]: to })}
            />
            <Button
              look="quiet"
              aria-label={word("withoutIt", { name: labelOf(id) })}
              onPress={() =>
                onChange(Object.fromEntries(Object.entries(levels).filter(([one]) => one !== id)))
              }
            >
              <X />
            </Button>
          </div>
        ))}
        {others.length > 0 && (
          <Select
            id={`add-${name}`}
            label={word("addOne")}
            options={others}
            value={null}
            onChange={(id) => onChange({ ...levels, [id]: lowest })}
          />
        )}
      </div>
    </fieldset>
  );
}
