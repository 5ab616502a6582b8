import type { QueueFigures } from "./floor_state";

/** Those that the address names, in its order; all where it names none that there is. */
export function chosenQueues(queues: Record<string, QueueFigures>, names: string | null): QueueFigures[] {
  const wanted = (names ?? "").split(",").flatMap((name) => queues[name.trim()] ?? []);
  return wanted.length ? wanted : Object.values(queues);
}
