/** Several of some, or none. */

import type { ReactNode } from "react";
import { useId } from "react";
import { Checkbox, type Option } from "./Fields";

interface ChoicesFieldProps {
  label: ReactNode;
  hint?: ReactNode;
  options: readonly Option[];
  chosen: readonly string[];
  onChange(chosen: string[]): void;
}

/** What was chosen and can be chosen no more stays until it is taken away. */
export function ChoicesField({ label, hint, options, chosen, onChange }: ChoicesFieldProps) {
  const hintId = useId();
  const known = new Set(options.map(({ id }) => id));
  const gone = chosen.filter((id) => !known.has(id)).map((id) => ({ id, label: id }));
  return (
    <fieldset className="choices" aria-describedby={hint ? hintId : undefined}>
      <legend>{label}</legend>
      {[...options, ...gone].map((one) => (
        <Checkbox
          key={one.id}
          value={one.id}
          isSelected={chosen.includes(one.id)}
          onChange={(on) => onChange(on ? [...chosen, one.id] : chosen.filter((each) => each !== one.id))}
        >
          {one.label}
        </Checkbox>
      ))}
      {hint && (
        <span className="hint" id={hintId}>
          {hint}
        </span>
      )}
    </fieldset>
  );
}
