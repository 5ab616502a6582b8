import { type Option, Select, TextField } from "../../parts/Fields";

interface Condition<Way> {
  field: string;
  way: Way;
  value: string;
}

interface ConditionRowProps<Way> {
  of: Condition<Way>;
  change(to: Partial<Condition<Way>>): void;
  /** What each of the three is called. */
  labels: { field: string; way: string; value: string };
  fields: readonly Option[];
  ways: readonly (Option & { id: Way })[];
  hint: string;
  isRequired: boolean;
}

/** What is looked at, how, and with what it is compared. A field that is gone stays until another is chosen. */
export function ConditionRow<Way extends string>({
  of,
  change,
  labels,
  fields,
  ways,
  hint,
  isRequired,
}: ConditionRowProps<Way>) {
  const known = fields.some(({ id }) => id === of.field);
  return (
    <div className="row">
      <Select
        label={labels.field}
        options={known ? fields : [...fields, { id: of.field, label: of.field }]}
        value={of.field}
        onChange={(field) => change({ field })}
      />
      <Select
        label={labels.way}
        options={ways}
        value={of.way}
        onChange={(way) => change({ way: way as Way })}
      />
      <TextField
        name="value"
        label={labels.value}
        hint={hint}
        value={of.value}
        onChange={(value) => change({ value })}
        isRequired={isRequired}
        maxLength={1000}
      />
    </div>
  );
}
