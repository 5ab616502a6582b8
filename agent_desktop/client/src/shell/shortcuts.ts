/** Keys that work wherever the focus is; on a phone's keypad digits, too. */

import type { Desk } from "../desk/desk";

/** The buttons by their ids: that of the desk, and where the page is another, that of the call's bar. */
const SHORTCUTS: Record<string, string[]> = {
  KeyA: ["answer", "bar-answer"],
  KeyE: ["hang-up", "bar-hang-up"],
  KeyH: ["hold"],
  KeyM: ["mute"],
  KeyR: ["ready"],
};
const KEYS = "123456789*0#";
const TYPING = "input, select, textarea, [contenteditable], [role=combobox]";

export function obeyShortcuts(desk: Desk): () => void {
  function pressed(event: KeyboardEvent) {
    if (event.repeat || event.getModifierState("AltGraph")) return; // held down; or a letter of many keyboards
    const buttons = SHORTCUTS[event.code];
    if (event.ctrlKey && event.altKey && buttons) {
      const found = buttons.map((id) => document.getElementById(id) as HTMLButtonElement | null);
      found.find((one) => one && !one.disabled && one.offsetParent !== null)?.click();
      event.preventDefault();
      return;
    }
    const typing = event.target instanceof Element && event.target.matches(TYPING);
    const with_ = event.ctrlKey || event.altKey || event.metaKey;
    const keypad = document.getElementById("keypad-box") as HTMLDetailsElement | null;
    if (typing || with_ || !keypad?.open || event.key.length !== 1 || !KEYS.includes(event.key)) return;
    if (desk.call?.state === "talking") desk.sendKeys(event.key);
  }
  addEventListener("keydown", pressed);
  return () => removeEventListener("keydown", pressed);
}
