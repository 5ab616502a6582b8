import { QueryClient } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";
import type { Kept, Kind } from "../administrator/definitions/kind";
import { listOf } from "../administrator/definitions/list";
import { reads } from "./reads";

describe("what several pages read", () => {
  it("is kept under a key of its own", () => {
    const keys = Object.values(reads).map(({ queryKey }) => queryKey.join(" "));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("is not what a page of definitions keeps of the same", async () => {
    const queries = new QueryClient();
    const definitions = [{ id: "sales", version: 1, settings: { title: { en: "Sales" } } }];
    const kind: Pick<Kind<Kept>, "path" | "list"> = { path: "queues", list: async () => definitions };

    queries.setQueryData(reads.queues.queryKey, []);
    const defined = await queries.fetchQuery({ ...listOf(kind), staleTime: Number.POSITIVE_INFINITY });

    expect(defined).toEqual(definitions);
    expect(queries.getQueryData(reads.queues.queryKey)).toEqual([]);
    await queries.invalidateQueries({ queryKey: ["queues"] });
    expect(queries.getQueryState(reads.queues.queryKey)?.isInvalidated).toBe(true);
  });
});
