/**
 * The one WebSocket: says hello, asks and gets answers, and comes back by itself when it is lost.
 *
 * Nothing is kept for later while it is down: the snapshot after the next hello has the truth, and
 * what was missed comes before it (`since`). Events: "up" (detail: the snapshot), "told" (detail: any
 * other message), "down", and "over" (detail: "replaced" or "expired"), after which it does not come back.
 */

import { Refusal } from "./rest";
import type { Hello, Snapshot, Told, Wish } from "./told";

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 5000; // ms between two attempts
const REPLACED = 4000;
const NOT_LOGGED_IN = 4401;
const EVENTS_UNAVAILABLE = 4503;

export class StreamLost extends Error {}

export type Over = "replaced" | "expired";

interface Asked {
  resolve(answer: Told): void;
  reject(error: Error): void;
}

export class Stream extends EventTarget {
  up = false;
  #socket: WebSocket | null = null;
  #asked = new Map<number, Asked>();
  #number = 0;
  #pause = FIRST_PAUSE;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #over = false;
  #since: number | null = null;
  readonly #token: string;
  readonly #wishes: Partial<Hello>;
  readonly #replay: boolean;
  readonly #hurry = () => {
    if (this.up || this.#over || this.#socket?.readyState === WebSocket.CONNECTING) return;
    clearTimeout(this.#timer);
    this.open();
  };

  /** `wishes`: what the hello says beside the token; `replay`: have what was missed while it was down. */
  constructor(token: string, wishes: Partial<Hello>, replay = false) {
    super();
    this.#token = token;
    this.#wishes = wishes;
    this.#replay = replay;
    addEventListener("online", this.#hurry);
  }

  open(): void {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/api/v1/stream`);
    this.#socket = socket;
    const since = this.#replay && this.#since !== null ? { since: this.#since } : {};
    socket.onopen = () =>
      socket.send(JSON.stringify({ type: "hello", token: this.#token, ...this.#wishes, ...since }));
    socket.onmessage = (message) => this.#hear(JSON.parse(message.data));
    socket.onclose = (closing) => this.#lost(closing.code);
  }

  close(): void {
    this.#over = true;
    removeEventListener("online", this.#hurry);
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  /** Say something; what comes back is the server's answer. Rejects with Refusal or StreamLost. */
  ask(message: Wish): Promise<Told> {
    if (!this.up) return Promise.reject(new StreamLost());
    const request = ++this.#number;
    return new Promise((resolve, reject) => {
      this.#asked.set(request, { resolve, reject });
      this.#socket?.send(JSON.stringify({ request, ...message }));
    });
  }

  #hear(message: Told): void {
    if (message.type === "snapshot") {
      this.up = true;
      this.#since = message.sequence;
      this.#pause = FIRST_PAUSE;
      this.#tell("up", message);
    } else if (message.type === "done" || message.type === "placed") {
      this.#asked.get(message.request)?.resolve(message);
      this.#asked.delete(message.request);
    } else if (message.type === "refused") {
      const { request, problem, status, detail } = message;
      if (request === null) return;
      this.#asked.get(request)?.reject(new Refusal(problem, status, detail));
      this.#asked.delete(request);
    } else {
      if (message.type === "delta") this.#since = message.sequence;
      this.#tell("told", message);
    }
  }

  #lost(code: number): void {
    const was = this.up;
    this.up = false;
    for (const { reject } of this.#asked.values()) reject(new StreamLost());
    this.#asked.clear();
    if (this.#over) return;
    if (code === REPLACED || code === NOT_LOGGED_IN) {
      this.close();
      this.#tell("over", code === REPLACED ? "replaced" : "expired");
      return;
    }
    if (code === EVENTS_UNAVAILABLE) this.#since = null;
    if (was) this.#tell("down");
    this.#timer = setTimeout(() => this.open(), this.#pause * (0.75 + Math.random() / 2));
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
  }

  #tell(kind: "up" | "told" | "down" | "over", detail?: Snapshot | Told | Over): void {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}
