/** Which parts of what there is to do may be something else after an event. Pure. */

import type { Delta } from "../server/told";

export const TO_DO = ["work", "call-backs", "tasks", "tickets", "owed"] as const;

export type ToDo = (typeof TO_DO)[number];

/** Of each, how often it may have changed. */
export type Versions = Readonly<Record<ToDo, number>>;

export const UNREAD: Versions = { work: 0, "call-backs": 0, tasks: 0, tickets: 0, owed: 0 };

export function grown(versions: Versions, changed: readonly ToDo[]): Versions {
  if (!changed.length) return versions;
  return { ...versions, ...Object.fromEntries(changed.map((part) => [part, versions[part] + 1])) };
}

const OF_RECORD: Record<string, readonly ToDo[]> = {
  task: ["tasks"],
  ticket: ["tickets"],
  disposition: ["owed"],
};

/** `isCall`: whether its contact is one, which is at hand and in none of the lists. */
export function changedBy(data: Delta["data"], isCall: boolean): readonly ToDo[] {
  switch (data.event) {
    case "contact.offered":
      return data.channel === "voice" ? [] : ["work"];
    case "offer.accepted":
    case "offer.ended":
    case "interaction.started":
      return isCall ? [] : ["work"];
    case "interaction.ended":
      return isCall ? ["owed"] : ["work", "owed"];
    case "record.changed":
      return OF_RECORD[data.record] ?? [];
    default:
      return data.event.startsWith("call_back.") ? ["call-backs"] : [];
  }
}
