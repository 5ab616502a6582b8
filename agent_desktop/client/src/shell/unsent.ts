/** What is typed and not sent: who leaves it is asked first, by the page (`Leaving`) and by the browser. */

import { useEffect } from "react";

const unsent = new Set<symbol>();

export const isUnsent = () => unsent.size > 0;

/** `is`: whether there is any now. */
export function useUnsent(is: boolean): void {
  useEffect(() => {
    if (!is) return;
    const mark = Symbol("unsent");
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    unsent.add(mark);
    addEventListener("beforeunload", ask);
    return () => {
      unsent.delete(mark);
      removeEventListener("beforeunload", ask);
    };
  }, [is]);
}
