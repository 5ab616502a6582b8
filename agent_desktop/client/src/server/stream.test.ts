import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { actAs } from "./rest";
import { Stream } from "./stream";

class Socket {
  static readonly CONNECTING = 0;
  static made: Socket[] = [];
  readyState = 1;
  sent: string[] = [];
  closed = false;
  onopen = () => {};
  onmessage = (_: { data: string }) => {};
  onclose = (_: { code: number }) => {};
  constructor() {
    Socket.made.push(this);
  }
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.closed = true;
  }
  says(message: object | object[]) {
    this.onmessage({ data: JSON.stringify(message) });
  }
}

const SNAPSHOT = { type: "snapshot", sequence: 1 };
const PULSE = { type: "pulse", round_trip_ms: 3 };

describe("the stream", () => {
  let online = () => {};
  let stream: Stream;
  const heard: string[] = [];
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("location", { protocol: "http:", host: "centre" });
    vi.stubGlobal("WebSocket", Socket);
    vi.stubGlobal("addEventListener", (_: string, listener: () => void) => {
      online = listener;
    });
    vi.stubGlobal("removeEventListener", () => {});
    Socket.made = [];
    heard.length = 0;
    actAs("a token");
    stream = new Stream({ desk: "a desk's name" });
    for (const kind of ["up", "told", "down", "over"]) stream.addEventListener(kind, () => heard.push(kind));
    stream.open();
  });
  afterEach(() => {
    stream.close();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  const present = () => Socket.made.at(-1)!;

  it("asks for the pulse", () => {
    present().onopen();
    const hello = JSON.parse(present().sent[0]!);
    expect(hello).toEqual({ type: "hello", token: "a token", pulse: true, desk: "a desk's name" });
  });

  it("does not hear a socket that another one has followed", () => {
    const [first] = Socket.made;
    online(); // no snapshot yet: another attempt
    expect(Socket.made).toHaveLength(2);
    expect(first!.closed).toBe(true);
    present().says(SNAPSHOT);
    first!.onclose({ code: 4000 });
    first!.says({ type: "delta", sequence: 2 });
    vi.advanceTimersByTime(60_000);
    expect(heard).toEqual(["up"]);
    expect(stream.up).toBe(true);
    expect(Socket.made).toHaveLength(2);
  });

  it("gives up a socket on which nothing comes any more", () => {
    const silent = present();
    silent.says(SNAPSHOT);
    silent.says(PULSE);
    vi.advanceTimersByTime(15_000);
    silent.says({ type: "delta", sequence: 2 });
    vi.advanceTimersByTime(15_000);
    expect(heard).toEqual(["up", "told"]);
    vi.advanceTimersByTime(10_000);
    expect(heard).toEqual(["up", "told", "down"]);
    expect(silent.closed).toBe(true);
    expect(Socket.made).toHaveLength(2);
    present().says(SNAPSHOT);
    expect(heard).toEqual(["up", "told", "down", "up"]);
  });

  it("hears what comes together one after the other, and nothing of it once it is over", () => {
    present().says(SNAPSHOT);
    present().says([{ type: "delta", sequence: 2 }, PULSE, { type: "delta", sequence: 3 }]);
    expect(heard).toEqual(["up", "told", "told"]);
    stream.addEventListener("told", () => stream.close(), { once: true });
    present().says([
      { type: "delta", sequence: 4 },
      { type: "delta", sequence: 5 },
    ]);
    expect(heard).toEqual(["up", "told", "told", "told"]);
  });

  it("waits for ever where the server has no pulse", () => {
    present().says(SNAPSHOT);
    vi.advanceTimersByTime(600_000);
    expect(heard).toEqual(["up"]);
  });
});
