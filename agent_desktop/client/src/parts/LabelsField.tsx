/** A name, or what else people read, in both languages. */

import { useWords } from "../words/words";
import { TextField } from "./Fields";
import type { Labels } from "./labels";

export { type Labels, NO_LABELS } from "./labels";

const LANGUAGES = ["zh", "en"] as const;

interface LabelsFieldProps {
  labels: Labels;
  onChange(labels: Labels): void;
  maxLength?: number;
  /** What it is, unless it is the name: "Hint". */
  what?: string;
  /** Before the fields' own names: "hint-" makes hint-zh and hint-en. */
  prefix?: string;
  lines?: number;
  isRequired?: boolean;
}

export function LabelsField({
  labels,
  onChange,
  maxLength = 100,
  what,
  prefix = "",
  lines,
  isRequired = true,
}: LabelsFieldProps) {
  const { word } = useWords();
  return (
    <div className="row">
      {LANGUAGES.map((language) => (
        <TextField
          key={language}
          name={prefix + language}
          label={what ? word(`in.${language}`, { what }) : word(language === "zh" ? "nameZh" : "nameEn")}
          value={labels[language]}
          onChange={(text) => onChange({ ...labels, [language]: text })}
          maxLength={maxLength}
          lines={lines}
          isRequired={isRequired}
        />
      ))}
    </div>
  );
}
