/** What an agent has to be told of what happens, in whatever language the page has then. */

import type { Delta } from "../server/told";
import { named, stateInWords, word } from "../words/words";

export type Say = () => string;

/** Null: nothing that the page does not show anyway. */
export function newsOf(data: Delta["data"]): Say | null {
  switch (data.event) {
    case "agent.state_changed":
      if (!data.chosen_by) return null;
      return () => `${data.chosen_by} ${word("chosen")} ${stateInWords(data.state, data.reason)}`;
    case "agent.next_chosen":
      if (!data.chosen_by) return null;
      return () => `${data.chosen_by} ${word("chosenNext")} ${stateInWords(data.state ?? "", data.reason)}`;
    case "customer.not_reached":
      if (data.cause === "agent-left") return null;
      return () => `${word("notReached")} ${named("cause", data.cause)}`;
    case "transfer.failed":
      return () => `${word("transferFailed")} ${named("cause", data.cause)}`;
    case "read_out.ended":
      return data.outcome === "failed" ? () => word("notRead") : null;
    default:
      return null;
  }
}

const TOLD_WHY = ["no-audio", "browser-gone", "not-answered", "offer-withdrawn", "media-lost"];

/** Why a call that rang or went on here is over, where the agent did not end it. */
export function newsOfEnd(reason: string): Say | null {
  return TOLD_WHY.includes(reason) ? () => named("ended", reason) : null;
}
