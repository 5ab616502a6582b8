/** Calls that were asked for here, and so are answered by themselves; for as long as they may still ring. */

const RINGS_WITHIN = 60_000; // ms from being asked for

export class Expected {
  #until = new Map<string, number>(); // by contact

  add(contact: string, now = Date.now()): void {
    this.#until.set(contact, now + RINGS_WITHIN);
  }

  /** Whether this one is; it rings once. */
  take(contact: string, now = Date.now()): boolean {
    const until = this.#until.get(contact) ?? 0;
    this.drop(contact);
    return now < until;
  }

  drop(contact: string): void {
    this.#until.delete(contact);
  }
}
