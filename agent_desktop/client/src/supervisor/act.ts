import { useRef } from "react";
import type { Say } from "../desk/news";
import { showTrouble, withdrawTrouble } from "../desk/seat";
import { useDone } from "../parts/useDone";
import { whyNot } from "../words/words";

/** Does one thing at a time; what the server refuses stands above the page until it is closed, or done after all. */
export function useAct(): { busy: boolean; act(work: () => Promise<unknown>): Promise<boolean> } {
  const shown = useRef<Say | null>(null);
  const { busy, attempt } = useDone((failure) => {
    withdrawTrouble(shown.current);
    shown.current = failure === null ? null : () => whyNot(failure);
    if (shown.current) showTrouble(shown.current);
  });
  return { busy, act: attempt };
}
