/** Whether the calls at this desk are recorded, as far as the agent has been told of it. */

import { api, got } from "../server/rest";
import type { Delta } from "../server/told";

export type RecordedNow = "on" | "masked";

export class Recorded {
  #by = new Map<string, RecordedNow>();

  of(contact: string): RecordedNow | null {
    return this.#by.get(contact) ?? null;
  }

  hear({ data }: Delta): void {
    switch (data.event) {
      case "recording.started":
        this.#by.set(data.contact_id, "on");
        break;
      case "recording.unmasked": // by the end of the call, perhaps
        if (this.#by.has(data.contact_id)) this.#by.set(data.contact_id, "on");
        break;
      case "recording.masked":
        this.#by.set(data.contact_id, "masked");
        break;
      case "interaction.ended":
        this.#by.delete(data.contact_id);
        break;
    }
  }

  /** What was told before this page was there. */
  async learn(contact: string): Promise<void> {
    const params = { path: { contact_id: contact } };
    const { recording } = await got(api.GET("/api/v1/contacts/{contact_id}/call", { params }));
    if (recording === "off") this.#by.delete(contact);
    else this.#by.set(contact, recording as RecordedNow);
  }
}
