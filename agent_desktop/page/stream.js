/**
 * The one WebSocket: says hello, asks and gets answers, and comes back by itself when it is lost.
 *
 * Nothing is kept for later while it is down: the snapshot after the next hello has the truth.
 * Events: "up" (detail: the snapshot), "told" (detail: any other message), "down", and "over"
 * (detail: "replaced" or "expired"), after which it does not come back.
 */

import { Refusal } from "./rest.js";

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 5000; // ms between two attempts
const REPLACED = 4000;
const NOT_LOGGED_IN = 4401;

export class StreamLost extends Error {}

export class Stream extends EventTarget {
  #socket = null;
  #asked = new Map();
  #number = 0;
  #pause = FIRST_PAUSE;
  #timer = null;
  #over = false;

  /** `wishes`: what the hello says beside the token. */
  constructor(token, wishes) {
    super();
    this.token = token;
    this.wishes = wishes;
    this.up = false;
    addEventListener("online", () => this.#hurry());
  }

  open() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = (this.#socket = new WebSocket(`${scheme}//${location.host}/api/v1/stream`));
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", token: this.token, ...this.wishes }));
    socket.onmessage = (message) => this.#hear(JSON.parse(message.data));
    socket.onclose = (closing) => this.#lost(closing.code);
  }

  close() {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  /** Say something; what comes back is the server's answer. Rejects with Refusal or StreamLost. */
  ask(message) {
    if (!this.up) return Promise.reject(new StreamLost());
    const request = ++this.#number;
    return new Promise((resolve, reject) => {
      this.#asked.set(request, { resolve, reject });
      this.#socket.send(JSON.stringify({ request, ...message }));
    });
  }

  #hear(message) {
    if (message.type === "snapshot") {
      this.up = true;
      this.#pause = FIRST_PAUSE;
      this.#tell("up", message);
    } else if (message.type === "done" || message.type === "refused") {
      const asked = this.#asked.get(message.request);
      this.#asked.delete(message.request);
      if (message.type === "done") asked?.resolve(message);
      else asked?.reject(new Refusal(message));
    } else {
      this.#tell("told", message);
    }
  }

  #lost(code) {
    const was = this.up;
    this.up = false;
    for (const { reject } of this.#asked.values()) reject(new StreamLost());
    this.#asked.clear();
    if (this.#over) return;
    if (code === REPLACED || code === NOT_LOGGED_IN) {
      this.#over = true;
      this.#tell("over", code === REPLACED ? "replaced" : "expired");
      return;
    }
    if (was) this.#tell("down");
    this.#timer = setTimeout(() => this.open(), this.#pause * (0.75 + Math.random() / 2));
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
  }

  #hurry() {
    if (this.up || this.#over || this.#socket?.readyState === WebSocket.CONNECTING) return;
    clearTimeout(this.#timer);
    this.open();
  }

  #tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}
