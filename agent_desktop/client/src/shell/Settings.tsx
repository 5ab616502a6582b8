import { Moon, Sun } from "lucide-react";
import { useState } from "react";
import { Button } from "../parts/Button";
import { switchLanguage, useWords } from "../words/words";
import { keptTheme, type Theme, useTheme } from "./theme";

/** Each language is named in itself. */
export function LanguageButton() {
  const { language } = useWords();
  return (
    <Button id="language" look="quiet" onPress={switchLanguage}>
      <span lang={language === "zh" ? "en" : "zh-CN"}>{language === "zh" ? "English" : "中文"}</span>
    </Button>
  );
}

/** Light, dark, or as the system has it. */
export function ThemeButton() {
  const { word } = useWords();
  const [theme, setTheme] = useState<Theme>(keptTheme);
  useTheme(theme);
  const dark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  return (
    <Button
      id="theme"
      look="quiet"
      aria-label={word(dark ? "light" : "dark")}
      onPress={() => setTheme(dark ? "light" : "dark")}
    >
      {dark ? <Sun /> : <Moon />}
    </Button>
  );
}
