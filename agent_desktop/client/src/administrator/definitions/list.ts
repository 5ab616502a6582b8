import { queryOptions } from "@tanstack/react-query";
import type { Kept, Kind } from "./kind";

/** All of a kind, as its pages have them: what others read of the same is kept apart (`server/reads.ts`). */
export function listOf<T extends Kept>({ path, list }: Pick<Kind<T>, "path" | "list">) {
  return queryOptions({ queryKey: [path, "list"], queryFn: () => list!() });
}
