/** How an agent's state is coloured, wherever it is shown. */

import type { Kind } from "./Card";

const KINDS: Record<string, Kind> = {
  ready: "ready",
  ringing: "warn",
  talking: "busy",
  wrap_up: "busy",
  not_ready: "away",
  logged_out: "plain",
};

/** `unfit`: why no calls are offered to who is ready. */
export function kindOfState(state: string, unfit: readonly string[] = []): Kind {
  return state === "ready" && unfit.length ? "bad" : (KINDS[state] ?? "plain");
}
