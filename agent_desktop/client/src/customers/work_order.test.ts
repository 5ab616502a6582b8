import { describe, expect, it } from "vitest";
import { following } from "./work_order";

describe("what a crew says next", () => {
  it("leads from a new order to its end, by the first of each", () => {
    const way = ["sent"];
    for (let next = following("sent")[0]; next; next = following(next)[0]) way.push(next);
    expect(way).toEqual(["sent", "accepted", "en_route", "working", "done"]);
  });

  it("is nothing where the order has ended, or the server knows a state that we do not", () => {
    for (const state of ["done", "failed", "refused", "cancelled", "lost"])
      expect(following(state)).toEqual([]);
  });
});
