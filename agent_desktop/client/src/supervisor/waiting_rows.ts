/** Who waits, in the order in which they are shown: those for whom an agent is rung, then by place. */

import type { QueueLine, Waiting } from "./floor_state";

export function inLine(line: QueueLine | undefined): Waiting[] {
  return Object.values(line?.contacts ?? {}).sort(
    (one, other) =>
      (one.place ?? 0) - (other.place ?? 0) || one.waiting_since.localeCompare(other.waiting_since),
  );
}

/** The chosen who wait still: others were served meanwhile, or have left. */
export function stillThere(chosen: Iterable<string>, line: QueueLine | undefined): string[] {
  const contacts = line?.contacts ?? {};
  return [...chosen].filter((id) => id in contacts);
}
