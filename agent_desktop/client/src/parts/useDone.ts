/** Something that is done when a button is pressed or a form sent: whether it goes on, and why it was not done. */

import { useState } from "react";

export interface Done {
  busy: boolean;
  failure: unknown;
  /** Whether it was done. */
  attempt(work: () => Promise<unknown>): Promise<boolean>;
  /** Something else is about to be tried: why the last was not done is over. */
  forget(): void;
}

/** `tell`: who is told, too, why it was not done, or null when it was. */
export function useDone(tell: (failure: unknown) => void = () => {}): Done {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const end = (why: unknown) => {
    setFailure(why);
    tell(why);
  };
  async function attempt(work: () => Promise<unknown>): Promise<boolean> {
    setBusy(true);
    try {
      await work();
      end(null);
      return true;
    } catch (error) {
      end(error);
      return false;
    } finally {
      setBusy(false);
    }
  }
  return { busy, failure, attempt, forget: () => setFailure(null) };
}
