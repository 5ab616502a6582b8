/** Every word on the page, in both languages; what comes from the server as a name is translated here, too. */

import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";
import { Refusal, Unreached } from "../server/rest";
import { StreamLost } from "../server/stream";
import type { CommonWord, Word } from "./areas";
import { en } from "./en";
import { zh } from "./zh";

export type Language = "zh" | "en";
export type { CommonWord, Word };

const KEPT = "hotline.language";

void i18next.use(initReactI18next).init({
  resources: { en: { translation: en }, zh: { translation: zh } },
  lng: localStorage.getItem(KEPT) ?? (navigator.language.startsWith("zh") ? "zh" : "en"),
  fallbackLng: "en",
  keySeparator: false,
  nsSeparator: false,
  interpolation: { escapeValue: false }, // React does
  react: { useSuspense: false, bindI18nStore: "added" }, // what is drawn already has the words, too
});

/** From now on the page has these words, too: an area's, which come with it, or the server's own. */
export function addWords(more: Record<Language, Record<string, string>>): void {
  i18next.addResourceBundle("en", "translation", more.en);
  i18next.addResourceBundle("zh", "translation", more.zh);
}

export const languageNow = (): Language => (i18next.language === "zh" ? "zh" : "en");

/** The word in the language of the page. */
export function word(key: Word, values: Record<string, string | number> = {}): string {
  return i18next.t(key, values);
}

/** The word for a name that the server gives, as `state.ready`; what has none stands as it is. */
export function named(kind: string, name: string | null | undefined): string {
  if (name === null || name === undefined) return "";
  return i18next.t(`${kind}.${name}`, { defaultValue: name });
}

/** Draws again when the language changes. */
export function useWords(): { word: typeof word; named: typeof named; language: Language } {
  useTranslation();
  return { word, named, language: languageNow() };
}

export function switchLanguage(): void {
  const language = languageNow() === "zh" ? "en" : "zh";
  localStorage.setItem(KEPT, language);
  void i18next.changeLanguage(language);
}

/** A text that the server has in both languages. */
export function inLanguage(labels: Record<string, string> | null | undefined): string {
  if (!labels) return "";
  return labels[languageNow()] ?? labels.en ?? labels.zh ?? Object.values(labels)[0] ?? "";
}

/** An agent's state, with the reason where they are not ready. */
export function stateInWords(state: string, reason: string | null | undefined): string {
  const because = state === "not_ready" && reason ? ` · ${named("reason", reason)}` : "";
  return named("state", state) + because;
}

/** What to tell whoever wanted it. */
export function whyNot(error: unknown): string {
  return `${word("failed")} ${reasonOf(error)}`;
}

export function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return i18next.t(`refusal.${error.problem}`, { defaultValue: error.message });
  if (error instanceof StreamLost || error instanceof Unreached) return word("gone");
  return String(error);
}
