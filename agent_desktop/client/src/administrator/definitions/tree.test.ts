import { describe, expect, it } from "vitest";
import { inTree } from "./tree";

const at = (id: string, parent_id: string | null, position: number) => ({ id, parent_id, position });

describe("two levels", () => {
  it("stand with each group before its own, by their places", () => {
    const all = [at("b", null, 2), at("b1", "b", 1), at("a2", "a", 2), at("a", null, 1), at("a1", "a", 1)];
    expect(inTree(all).map(({ id }) => id)).toEqual(["a", "a1", "a2", "b", "b1"]);
  });

  it("lose nothing whose group is not there, and are the same at each reading", () => {
    const all = [at("z", "gone", 0), at("y", null, 0), at("x", null, 0)];
    expect(inTree(all).map(({ id }) => id)).toEqual(["x", "y", "z"]);
  });
});
