/** A text that may be given in each language: what is said, or what people read. */

import type { ReactNode } from "react";
import { named } from "../words/words";
import { TextField } from "./Fields";

type Texts = Record<string, string>;

interface TextsFieldProps {
  label: string;
  name: string;
  texts: Texts;
  onChange(texts: Texts): void;
  hint?: ReactNode;
  maxLength?: number;
  languages?: readonly string[];
  lines?: number;
}

export function TextsField({
  label,
  name,
  texts,
  onChange,
  hint,
  maxLength = 500,
  languages = ["zh", "en"],
  lines,
}: TextsFieldProps) {
  function become(language: string, text: string) {
    const others = Object.entries(texts).filter(([one]) => one !== language);
    onChange(Object.fromEntries(text ? [...others, [language, text]] : others));
  }
  return languages.map((language) => (
    <TextField
      key={language}
      name={`${name}-${language}`}
      label={`${label} (${named("languageName", language)})`}
      hint={hint}
      value={texts[language] ?? ""}
      onChange={(text) => become(language, text)}
      maxLength={maxLength}
      lines={lines}
    />
  ));
}
