import { describe, expect, it } from "vitest";
import { count, levelOf, type Member, movedBy, rowsOf, stillOpen, typedLevel, withLevel } from "./matrix";

const LI: Member = { id: "li", name: "Li", team: "north", skills: { sales: 3, french: 1 }, version: 4 };
const MEI: Member = { id: "mei", name: "Mei", team: null, skills: {}, version: 2 };

describe("the matrix of skills", () => {
  it("sends each changed row whole, without what is taken away", () => {
    const cells = withLevel(withLevel(withLevel({}, LI, "sales", 5), LI, "french", 0), MEI, "loans", 10);
    expect(count(cells)).toBe(3);
    expect(levelOf(LI, "french", cells)).toBe(0);
    expect(rowsOf(cells, [LI, MEI])).toEqual([
      { user: "li", version: 4, skills: { sales: 5 } },
      { user: "mei", version: 2, skills: { loans: 10 } },
    ]);
  });

  it("forgets a change that is taken back", () => {
    expect(withLevel(withLevel({}, LI, "sales", 5), LI, "sales", 3)).toEqual({});
    expect(withLevel({}, MEI, "loans", 0)).toEqual({});
  });

  it("keeps what is still to be sent when others have changed the same people", () => {
    const cells = { li: { sales: 5, french: 2 }, gone: { sales: 1 } };
    const now = { ...LI, skills: { sales: 5, loans: 2 }, version: 5 };
    const open = stillOpen(cells, [now, MEI]);
    expect(open).toEqual({ li: { french: 2 } });
    expect(rowsOf(open, [now])).toEqual([
      { user: "li", version: 5, skills: { sales: 5, loans: 2, french: 2 } },
    ]);
  });

  it.each([
    ["7", 7],
    ["10", 10],
    ["", 0],
    ["0", 0],
    ["11", null],
    ["-1", null],
    ["1.5", null],
    ["x", null],
  ])("takes %j for level %j", (text, level) => expect(typedLevel(text)).toBe(level));

  it.each([
    ["ArrowDown", { row: 1, column: 0 }],
    ["ArrowUp", { row: 0, column: 0 }],
    ["ArrowLeft", { row: 0, column: 0 }],
    ["ArrowRight", { row: 0, column: 1 }],
    ["PageDown", { row: 2, column: 0 }],
    ["End", { row: 0, column: 3 }],
    ["Tab", null],
  ])("goes by %s to %j", (key, place) => expect(movedBy(key, { row: 0, column: 0 }, 3, 4)).toEqual(place));
});
