import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type Done, useDone } from "../../parts/useDone";
import { api, got } from "../../server/rest";

export const TARGETS = ["targets"];
/** What is read of one of them alone. */
export const ofTarget = (id: string) => ["target", id];
const AGAIN = 5_000; // ms: the server itself reads today's values no more often

export function useTargets() {
  return useQuery({
    queryKey: TARGETS,
    queryFn: () => got(api.GET("/api/v1/targets")),
    refetchInterval: AGAIN,
  });
}

/**
 * Something of them is changed: they are read again, also where somebody else was faster. `id`: and what is
 * read of this one alone.
 */
export function useTargetEdit(id?: string): Done {
  const queries = useQueryClient();
  const done = useDone();
  async function attempt(work: () => Promise<unknown>): Promise<boolean> {
    const succeeded = await done.attempt(work);
    void queries.invalidateQueries({ queryKey: TARGETS });
    if (id) void queries.invalidateQueries({ queryKey: ofTarget(id) });
    return succeeded;
  }
  return { ...done, attempt };
}
