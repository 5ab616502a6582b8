import { NumberField } from "./Fields";

interface OptionalNumberProps {
  label: string;
  hint?: string;
  name?: string;
  value: number | null;
  onChange(value: number | null): void;
  minValue?: number;
  maxValue?: number;
  isRequired?: boolean;
}

/** A number, or none. */
export function OptionalNumber({ value, onChange, ...more }: OptionalNumberProps) {
  return (
    <NumberField
      {...more}
      formatOptions={{ useGrouping: false, maximumFractionDigits: 6 }}
      value={value ?? Number.NaN}
      onChange={(typed) => onChange(Number.isNaN(typed) ? null : typed)}
    />
  );
}
