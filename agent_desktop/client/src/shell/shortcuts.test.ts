import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { obeyShortcuts } from "./shortcuts";

describe("the shortcuts", () => {
  const buttons = new Map<string, { click(): void; disabled: boolean; offsetParent: object }>();
  let press = (_: object) => {};
  const button = (id: string) => {
    const click = vi.fn();
    buttons.set(id, { click, disabled: false, offsetParent: {} });
    return click;
  };
  const answer = (how: object = {}) =>
    press({
      code: "KeyA",
      ctrlKey: true,
      altKey: true,
      repeat: false,
      getModifierState: () => false,
      preventDefault() {},
      ...how,
    });
  beforeEach(() => {
    buttons.clear();
    vi.stubGlobal("document", { getElementById: (id: string) => buttons.get(id) ?? null });
    vi.stubGlobal("addEventListener", (_: string, listener: (event: object) => void) => {
      press = listener;
    });
    obeyShortcuts({} as never);
  });
  afterEach(() => vi.unstubAllGlobals());

  it("press the desk's button", () => {
    const desk = button("answer");
    const bar = button("bar-answer");
    answer();
    expect(desk).toHaveBeenCalledOnce();
    expect(bar).not.toHaveBeenCalled();
  });

  it("are no held-down key, and no letter that is typed with AltGr, which Windows calls Ctrl and Alt", () => {
    const desk = button("answer");
    answer({ repeat: true });
    answer({ getModifierState: (key: string) => key === "AltGraph" });
    expect(desk).not.toHaveBeenCalled();
  });

  it("press the one of the call's bar where the page is another", () => {
    const bar = button("bar-answer");
    answer();
    expect(bar).toHaveBeenCalledOnce();
  });
});
