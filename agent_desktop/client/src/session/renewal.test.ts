import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const HOUR = 3_600_000;
const at = (hours: number) => new Date(hours * HOUR).toISOString();

describe("a session that is used", () => {
  let renewals: string[];
  let ends: number[];
  const keep = vi.fn();
  const page = new EventTarget();

  beforeEach(() => {
    vi.resetModules();
    vi.useFakeTimers({ now: 0 });
    renewals = [];
    ends = [19, 24, 24];
    vi.stubGlobal("sessionStorage", { getItem: () => "first", setItem: keep, removeItem() {} });
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    vi.stubGlobal(
      "Request",
      class extends Request {
        constructor(path: string, wishes: RequestInit) {
          super(`http://centre${path}`, wishes);
        }
      },
    );
    vi.stubGlobal("fetch", async (request: Request) => {
      if (request.url.endsWith("/account")) return Response.json({ id: "li", session_expires_at: at(10) });
      renewals.push(request.headers.get("Authorization") ?? "");
      return Response.json({ token: `renewed ${renewals.length}`, expires_at: at(ends.shift() ?? 0) });
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  async function opened(needed: () => boolean) {
    const { learnAccount } = await import("./session");
    const { renewWhile } = await import("./renewal");
    await learnAccount(() => {}, new AbortController().signal);
    return renewWhile(needed);
  }
  const passes = (hours: number) => vi.advanceTimersByTimeAsync(hours * HOUR);

  it("is renewed before it ends, and what is sent from then on is the new one", async () => {
    const { bearer } = await import("../server/rest");
    const stop = await opened(() => false);
    await passes(8.9);
    page.dispatchEvent(new Event("keydown"));
    expect(renewals).toEqual([]);
    await passes(0.2);
    expect(renewals).toEqual(["Bearer first"]);
    expect(bearer()).toBe("renewed 1");
    expect(keep).toHaveBeenCalledWith("hotline.session", "renewed 1");
    stop();
    await passes(9);
    expect(renewals).toHaveLength(1);
  });

  it("ends where nobody uses the page, and is renewed for who comes back in time", async () => {
    await opened(() => false);
    await passes(9.7);
    expect(renewals).toEqual([]);
    page.dispatchEvent(new Event("pointerdown"));
    await passes(0.1);
    expect(renewals).toHaveLength(1);
  });

  it("goes on without a hand where it is needed, until it has had its longest life", async () => {
    await opened(() => true);
    await passes(23.5);
    expect(renewals).toEqual(["Bearer first", "Bearer renewed 1", "Bearer renewed 2"]);
  });
});
