/** Ways out of a queue: "call_back", "hang_up", "queue:<name>", "number:<number or SIP URI>". Pure. */

export type WayKind = "call_back" | "hang_up" | "queue" | "number";

export interface Way {
  kind: WayKind;
  /** The queue or number; empty for the others. */
  to: string;
}

export function readWay(text: string): Way {
  const [kind = "", ...rest] = text.split(":");
  if (kind === "queue" || kind === "number") return { kind, to: rest.join(":") };
  return { kind: kind === "call_back" ? "call_back" : "hang_up", to: "" };
}

export function writtenWay({ kind, to }: Way): string {
  return kind === "queue" || kind === "number" ? `${kind}:${to}` : kind;
}
