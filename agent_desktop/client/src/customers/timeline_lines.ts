/** What stands on the line of a timeline's entry. Pure. */

import type { Schemas } from "../server/rest";

export interface Line {
  about: string;
  /** Names of the server's, each of the kind by which it is translated; without one as it is. */
  parts: readonly (readonly [kind: string | null, name: string])[];
}

type Entry = Schemas["TimelineEntryView"];

export function lineOf({ kind, data }: Pick<Entry, "kind" | "data">): Line {
  const text = (name: string) => (typeof data[name] === "string" ? (data[name] as string) : "");
  const parts = (...wanted: (readonly [string | null, string])[]) => wanted.filter(([, name]) => name !== "");
  switch (kind) {
    case "contact":
      return {
        about: outcomesOf(data.dispositions),
        parts: parts(
          ["channel", text("channel")],
          ["direction", text("direction")],
          [null, text("queue")],
          ["outcome", text("outcome")],
          [null, text("agent_id")],
        ),
      };
    case "ticket":
      return {
        about: `${text("number")} ${text("subject")}`.trim(),
        parts: parts([null, text("state")], ["priority", text("priority")]),
      };
    case "order":
      return {
        about: `${text("order_number")} ${money(data.total, text("currency"))}`.trim(),
        parts: parts(["order", text("state")]),
      };
    case "opportunity":
      return { about: text("title"), parts: parts([null, text("stage")]) };
    case "task":
      return { about: text("title"), parts: parts(["task", text("state")], [null, text("assignee_id")]) };
    default:
      return { about: text("title") || text("text"), parts: parts([null, text("added_by")]) };
  }
}

function outcomesOf(dispositions: unknown): string {
  if (!Array.isArray(dispositions)) return "";
  return dispositions
    .map((one: { code?: string; note?: string | null }) => one.note || one.code || "")
    .join("; ");
}

/** The server counts the smallest coin. */
export function money(amount: unknown, currency: string): string {
  return typeof amount === "number" ? `${(amount / 100).toFixed(2)} ${currency}` : "";
}
