import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const at = (ms: number) => new Date(ms).toISOString();
const MINUTE = 60_000;

describe("the server's clock", () => {
  beforeEach(() => {
    vi.resetModules();
    vi.useFakeTimers({ now: 0 });
  });
  afterEach(() => void vi.useRealTimers());

  it("is this one's until the server has said something", async () => {
    const { serverNow, heardTime } = await import("./clock");
    heardTime(null);
    heardTime("no time");
    expect(serverNow()).toBe(0);
  });

  it("goes by what came fastest", async () => {
    const { serverNow, heardTime } = await import("./clock");
    heardTime(at(-90 * MINUTE));
    vi.advanceTimersByTime(2_000);
    heardTime(at(-90 * MINUTE + 1_300)); // 700 ms under way
    expect(serverNow()).toBe(-90 * MINUTE + 2_000);
    heardTime(at(-90 * MINUTE + 2_400));
    expect(serverNow()).toBe(-90 * MINUTE + 2_400);
  });

  it("is learnt anew after a while, for a PC's clock may be set", async () => {
    const { serverNow, heardTime } = await import("./clock");
    heardTime(at(90 * MINUTE));
    vi.setSystemTime(90 * MINUTE);
    heardTime(at(90 * MINUTE));
    expect(serverNow()).toBe(90 * MINUTE);
  });
});
