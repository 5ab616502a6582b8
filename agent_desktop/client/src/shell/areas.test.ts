import { describe, expect, it } from "vitest";
import { PAGES } from "../administrator/pages";
import type { Account } from "../session/session";
import { areasOf, mayAdminister } from "./areas";

const who = (...permissions: string[]) => ({ permissions }) as unknown as Account;

describe("the administrator's area", () => {
  it.each([...new Set(PAGES.flatMap(({ needs }) => needs))])("opens by %s alone", (permission) => {
    expect(mayAdminister(who(permission))).toBe(true);
    expect(areasOf(who(permission)).map(({ path }) => path)).toContain("/administrator");
  });

  it("is closed to who has none of its pages", () => {
    expect(mayAdminister(who("stream", "floor.read"))).toBe(false);
  });
});
