/**
 * The one WebSocket: says hello, asks and gets answers, and comes back by itself when it is lost.
 *
 * Nothing is kept for later while it is down: the snapshot after the next hello has the truth. A way that
 * is gone may close nothing: the server has a pulse, and a socket that is silent for long is given up.
 * Events: "up" (detail: the snapshot), "told" (detail: any other message), "down", and "over" (detail:
 * "replaced" or "expired"), after which it does not come back.
 */

import { heardTime } from "./clock";
import { bearer, Refusal } from "./rest";
import type { Hello, Snapshot, Told, Wish } from "./told";

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 5000; // ms between two attempts
const REPLACED = 4000;
const NOT_LOGGED_IN = 4401;
const SILENCE = 1006; // as a browser calls a way that is gone
const SILENT = 20_000; // ms; there is a pulse about every five seconds

export class StreamLost extends Error {}

type Over = "replaced" | "expired";

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
  #silence: ReturnType<typeof setTimeout> | undefined;
  readonly #wishes: Partial<Hello>;
  readonly #hurry = () => {
    if (this.up || this.#over || this.#socket?.readyState === WebSocket.CONNECTING) return;
    clearTimeout(this.#timer);
    this.open();
  };

  /** `wishes`: what the hello says beside the token. */
  constructor(wishes: Partial<Hello>) {
    super();
    this.#wishes = wishes;
    addEventListener("online", this.#hurry);
  }

  open(): void {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/api/v1/stream`);
    this.#socket?.close();
    this.#socket = socket;
    const present = () => this.#socket === socket; // what an earlier one has to say is over
    const hello = { type: "hello", token: bearer(), pulse: true, ...this.#wishes };
    socket.onopen = () => present() && socket.send(JSON.stringify(hello));
    socket.onmessage = ({ data }) => {
      const said: Told | Told[] = JSON.parse(data); // an array for a hello that says "together"
      for (const one of Array.isArray(said) ? said : [said]) if (present() && !this.#over) this.#hear(one);
    };
    socket.onclose = (closing) => present() && this.#lost(closing.code);
  }

  close(): void {
    this.#over = true;
    removeEventListener("online", this.#hurry);
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
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
    if (this.#silence !== undefined || message.type === "pulse") this.#listen();
    if (message.type === "pulse") return;
    if (message.type === "snapshot") {
      this.up = true;
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
      if (message.type === "delta") heardTime(message.at);
      this.#tell("told", message);
    }
  }

  /** From the first pulse on: an older server has none. */
  #listen(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      const silent = this.#socket;
      this.#socket = null;
      silent?.close();
      this.#lost(SILENCE);
    }, SILENT);
  }

  #lost(code: number): void {
    clearTimeout(this.#silence);
    this.#silence = undefined;
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
    if (was) this.#tell("down");
    this.#timer = setTimeout(() => this.open(), this.#pause * (0.75 + Math.random() / 2));
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
  }

  #tell(kind: "up" | "told" | "down" | "over", detail?: Snapshot | Told | Over): void {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}
