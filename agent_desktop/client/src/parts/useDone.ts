/** Something that is done when a button is pressed or a form sent: whether it goes on, and why it was not done. */

import { useState } from "react";

export interface Done {
  busy: boolean;
  failure: unknown;
  /** Whether it was done. */
  attempt(work: () => Promise<unknown>): Promise<boolean>;
}

export function useDone(): Done {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  async function attempt(work: () => Promise<unknown>): Promise<boolean> {
    setBusy(true);
    try {
      await work();
      setFailure(null);
      return true;
    } catch (error) {
      setFailure(error);
      return false;
    } finally {
      setBusy(false);
    }
  }
  return { busy, failure, attempt };
}
