/** What a crew says next of a field repair. Pure. */

import type { Schemas } from "../server/rest";

export type Reported = Schemas["WorkOrderReportCreate"]["state"];

const FOLLOWING: Record<string, readonly Reported[]> = {
  sent: ["accepted", "refused"],
  accepted: ["en_route", "failed"],
  en_route: ["working", "failed"],
  working: ["done", "failed"],
};

/** The usual first. Of an order that has ended there is nothing to say. */
export function following(state: string): readonly Reported[] {
  return FOLLOWING[state] ?? [];
}
