import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loaded } from "./loaded";

const gone = () => Promise.reject(new TypeError("Failed to fetch dynamically imported module"));

describe("a page that can not be read", () => {
  const reload = vi.fn();
  beforeEach(() => {
    const kept = new Map<string, string>();
    vi.stubGlobal("sessionStorage", {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => kept.set(name, value),
      removeItem: (name: string) => kept.delete(name),
    });
    vi.stubGlobal("location", { reload });
    reload.mockClear();
  });
  afterEach(() => vi.unstubAllGlobals());

  it("is reloaded once, and then says so", async () => {
    void loaded("floor", gone);
    await vi.waitFor(() => expect(reload).toHaveBeenCalledOnce());
    await expect(loaded("floor", gone)).rejects.toThrow("Failed to fetch");
    expect(reload).toHaveBeenCalledOnce();
  });

  it("may be reloaded again once it was there", async () => {
    void loaded("floor", gone);
    await vi.waitFor(() => expect(reload).toHaveBeenCalledOnce());
    expect(await loaded("floor", async () => 7)).toBe(7);
    void loaded("floor", gone);
    await vi.waitFor(() => expect(reload).toHaveBeenCalledTimes(2));
  });

  it("is not reloaded while a call goes on", async () => {
    vi.stubGlobal("desk", { call: {} });
    await expect(loaded("floor", gone)).rejects.toThrow("Failed to fetch");
    expect(reload).not.toHaveBeenCalled();
  });
});
