/** One thing is done at a time; of what waits meanwhile only the newest is done. */

export class Newest {
  #running: Promise<void> | null = null;
  #waiting: (() => Promise<unknown>) | null = null;

  /** `work` says itself how it went: what it throws is nobody's. */
  do(work: () => Promise<unknown>): void {
    this.#waiting = work;
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    for (let work = this.#take(); work; work = this.#take()) await work().catch(() => {});
    this.#running = null;
  }

  #take(): (() => Promise<unknown>) | null {
    const work = this.#waiting;
    this.#waiting = null;
    return work;
  }
}
