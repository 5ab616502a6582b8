/** Light or dark; kept in the browser. */

import { useEffect } from "react";

export type Theme = "light" | "dark" | "system";

const KEPT = "hotline.theme";

export function keptTheme(): Theme {
  const kept = localStorage.getItem(KEPT);
  return kept === "light" || kept === "dark" ? kept : "system";
}

export function useTheme(theme: Theme): void {
  useEffect(() => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    if (theme !== "system") localStorage.setItem(KEPT, theme);
  }, [theme]);
}
