import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const SESSION = { token: "another" } as never;

describe("the session", () => {
  const fetching = vi.fn();
  beforeEach(() => {
    vi.resetModules();
    vi.useFakeTimers();
    fetching.mockReset();
    vi.stubGlobal("fetch", fetching);
    vi.stubGlobal("sessionStorage", { getItem: () => "a token", setItem() {}, removeItem() {} });
    vi.stubGlobal(
      "Request",
      class extends Request {
        constructor(path: string, wishes: RequestInit) {
          super(`http://centre${path}`, wishes);
        }
      },
    );
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("asks for the account until the server has said it, and tells why it is not known yet", async () => {
    const { learnAccount } = await import("./session");
    fetching.mockRejectedValueOnce(new TypeError()).mockRejectedValueOnce(new TypeError());
    fetching.mockResolvedValue(Response.json({ id: "li" }));
    const missed = vi.fn();
    const learning = learnAccount(missed, new AbortController().signal);
    await vi.advanceTimersByTimeAsync(900);
    expect(fetching).toHaveBeenCalledTimes(1);
    expect(missed).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(3_000);
    await learning;
    expect(fetching).toHaveBeenCalledTimes(3);
    expect(missed).toHaveBeenCalledTimes(2);
  });

  it("does not ask any more where nobody waits", async () => {
    const { learnAccount } = await import("./session");
    fetching.mockRejectedValue(new TypeError());
    const life = new AbortController();
    const learning = learnAccount(() => life.abort(), life.signal);
    await vi.advanceTimersByTimeAsync(60_000);
    await learning;
    expect(fetching).toHaveBeenCalledTimes(1);
  });

  it("has what was known forgotten when another one begins", async () => {
    const { begin, whenAnother } = await import("./session");
    const { forgetSearch, keepSearch, keptSearch } = await import("../recordings/search");
    const forget = vi.fn(forgetSearch);
    whenAnother(forget);
    keepSearch({ number: "138" });
    begin(SESSION);
    expect(forget).toHaveBeenCalledOnce();
    expect(keptSearch()).toEqual({});
  });
});
