/** The calls at a desk, and what can be wished of them. */

import type { PhoneCall, ScreenPop, Talk, Wish } from "../server/told";

export interface Call extends Omit<PhoneCall, "id" | "state"> {
  /** Null at a phone that is not the browser. */
  id: string | null;
  state: "ringing" | "accepted" | "talking";
  pop: ScreenPop | null;
}

/** A call with what the agent does in it. */
export interface CallAtHand extends Call {
  talk: Talk | null;
  reading: boolean;
}

/** What is done to the call at hand, by the stream's verbs. */
export type Verb = Wish extends infer One
  ? One extends { contact_id: string }
    ? Omit<One, "contact_id">
    : never
  : never;
export type Reading = Omit<Extract<Wish, { type: "read_out" }>, "type" | "contact_id">;
