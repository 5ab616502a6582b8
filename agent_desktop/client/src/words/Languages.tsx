import { type ReactNode, useEffect } from "react";
import { I18nProvider } from "react-aria-components";
import { useWords } from "./words";

/** The page's language, for the library's own words and for who reads the page aloud. */
export function Languages({ children }: { children: ReactNode }) {
  const { language } = useWords();
  const locale = language === "zh" ? "zh-CN" : "en-GB";
  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  return <I18nProvider locale={locale}>{children}</I18nProvider>;
}
