import { type Option, Select, type SelectProps } from "./Fields";

interface OptionalSelectProps extends Omit<SelectProps, "value" | "onChange" | "isRequired"> {
  value: string | null;
  onChange(value: string | null): void;
  /** What it means that none is chosen. */
  none: string;
}

const NONE = "-"; // nothing is called so

/** One of some, or none. What was chosen and can be chosen no more stays until another one is. */
export function OptionalSelect({ value, onChange, none, options, ...more }: OptionalSelectProps) {
  const gone: Option[] =
    value !== null && options.every(({ id }) => id !== value) ? [{ id: value, label: value }] : [];
  return (
    <Select
      {...more}
      options={[{ id: NONE, label: none }, ...options, ...gone]}
      value={value ?? NONE}
      onChange={(to) => onChange(to === NONE ? null : to)}
    />
  );
}
