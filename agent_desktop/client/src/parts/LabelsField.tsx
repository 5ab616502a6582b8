/** A name in both languages. */

import type { Schemas } from "../server/rest";
import { useWords } from "../words/words";
import { TextField } from "./Fields";

export type Labels = Schemas["SkillView"]["labels"];

export const NO_LABELS: Labels = { zh: "", en: "" };

interface LabelsFieldProps {
  labels: Labels;
  onChange(labels: Labels): void;
  maxLength?: number;
}

export function LabelsField({ labels, onChange, maxLength = 200 }: LabelsFieldProps) {
  const { word } = useWords();
  return (
    <div className="row">
      <TextField
        name="zh"
        label={word("nameZh")}
        value={labels.zh}
        onChange={(zh) => onChange({ ...labels, zh })}
        maxLength={maxLength}
        isRequired
      />
      <TextField
        name="en"
        label={word("nameEn")}
        value={labels.en}
        onChange={(en) => onChange({ ...labels, en })}
        maxLength={maxLength}
        isRequired
      />
    </div>
  );
}
