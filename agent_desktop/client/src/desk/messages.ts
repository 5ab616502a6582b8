/** What supervisors wrote to the agent, until it was read. */

import type { Delta, UnreadMessage } from "../server/told";

export class Messages {
  unread: readonly UnreadMessage[] = [];

  reset(unread: readonly UnreadMessage[]): void {
    this.unread = unread;
  }

  drop(id: string): void {
    this.unread = this.unread.filter((one) => one.id !== id);
  }

  hear({ sequence, at, data }: Delta): void {
    if (data.event === "agent.message_read") this.drop(data.message_id);
    if (data.event !== "agent.nudged" && data.event !== "coaching.noted") return;
    const { supervisor_id, text } = data;
    const id = String(sequence);
    const kind = data.event === "agent.nudged" ? "nudge" : "coaching";
    this.drop(id); // told again after a gap
    this.unread = [
      ...this.unread,
      { id, kind, supervisor_id, contact_id: data.contact_id, text, sent_at: at },
    ];
  }
}
