import { useState } from "react";
import { showTrouble } from "../desk/seat";
import { whyNot } from "../words/words";

/** Does one thing at a time; what the server refuses stands above the page until it is closed. */
export function useAct(): { busy: boolean; act(work: () => Promise<unknown>): Promise<boolean> } {
  const [busy, setBusy] = useState(false);
  async function act(work: () => Promise<unknown>): Promise<boolean> {
    setBusy(true);
    try {
      await work();
      showTrouble(null);
      return true;
    } catch (error) {
      showTrouble(() => whyNot(error));
      return false;
    } finally {
      setBusy(false);
    }
  }
  return { busy, act };
}
