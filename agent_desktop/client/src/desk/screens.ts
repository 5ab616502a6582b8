/** What is on the agent's screen of each contact: of the call, and of what comes by other channels. */

import type { Delta, ScreenPop } from "../server/told";

export class Screens {
  #pops = new Map<string, ScreenPop>();

  #ringing = new Set<string>(); // contacts of other channels that are offered

  /** Of other channels than voice: what waits for a yes or no. */
  get offered(): ScreenPop[] {
    return [...this.#pops.values()].filter(({ contact_id }) => this.#ringing.has(contact_id));
  }

  reset(pops: readonly ScreenPop[]): void {
    this.#pops = new Map(pops.map((pop) => [pop.contact_id, pop]));
    this.#ringing.clear(); // what rings still was announced when it came
  }

  show(pop: ScreenPop): void {
    this.#pops.set(pop.contact_id, pop);
  }

  of(contact: string | null | undefined): ScreenPop | null {
    return (contact && this.#pops.get(contact)) || null;
  }

  /** Whatever came first and is there still. */
  get first(): ScreenPop | null {
    return this.#pops.values().next().value ?? null;
  }

  hear({ data, pop }: Delta): void {
    if (data.event === "contact.offered") {
      if (pop) this.show(pop);
      if (data.channel !== "voice") this.#ringing.add(data.contact_id);
      return;
    }
    if (data.event === "offer.accepted" || data.event === "offer.ended")
      this.#ringing.delete(data.contact_id);
    const gone = data.event === "offer.ended" || (data.event === "interaction.ended" && !this.isCall(data));
    if (gone && "contact_id" in data) this.#pops.delete(data.contact_id as string);
  }

  /** Whether it is about a call, which stays on the screen through the wrap-up, until the next one. */
  isCall(data: Delta["data"]): boolean {
    return "contact_id" in data && this.of(data.contact_id as string)?.channel === "voice";
  }
}
