/** How a call is, in words: on the desk, and on whatever other page its agent looks at. */

import { word } from "../words/words";
import type { CallAtHand } from "./call";

export const ASKING = ["consulting", "consult_on_hold", "consult_ringing"];

export function standingOf(call: CallAtHand): string {
  return call.talk?.state ?? "talking";
}

/** It goes on, and nothing is heard. */
export function isLost(call: CallAtHand): boolean {
  return call.state === "talking" && !call.audio;
}

export function callInWords(call: CallAtHand): string {
  if (call.state !== "talking") return word(call.state === "ringing" ? "call.ringing" : "call.accepted");
  if (!call.audio) return word("call.lost");
  const standing = standingOf(call);
  if (standing === "on_hold") return word("call.held");
  if (standing === "conference") return word("conferenceOn");
  return word(ASKING.includes(standing) || standing === "advising" ? "call.consulting" : "call.talking");
}
