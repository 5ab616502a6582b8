/** One session with the server: no line is lost and no answer given twice, whatever the network does. */

const BASE = "/api/v1/self-service";
const WAIT = 20; // seconds that the server may take to have news
const AGAIN = 1000; // milliseconds after which a lost connection is tried again

export class Refused extends Error {
  constructor(status) {
    super(`refused: ${status}`);
    this.status = status;
  }
}

async function ask(method, path, token, body) {
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(BASE + path, { method, headers, body: body && JSON.stringify(body), cache: "no-store" });
  if (!answer.ok) throw new Refused(answer.status);
  return answer.json();
}

export const services = () => ask("GET", "");

export class Session {
  /** `kept`: under which the tab remembers it, so that a reload goes on with it. */
  constructor(kept, onOffline) {
    this.kept = kept;
    this.onOffline = onOffline;
    this.token = sessionStorage.getItem(kept);
    this.lines = [];
    this.question = null;
    this.over = false;
    this.answered = -1; // the number of the last question that was: an older one is out of date
  }

  async begin(service, channel, language) {
    const opened = await ask("POST", "/sessions", null, { service, channel, language });
    this.token = opened.session;
    sessionStorage.setItem(this.kept, this.token);
  }

  forget() {
    sessionStorage.removeItem(this.kept);
    this.token = null;
  }

  get since() {
    return this.lines.length;
  }

  /** What is new since then. */
  async read() {
    const asked = this.question ? `&question=${this.question.number}` : "";
    return this.#take(await this.#lasting("GET", () => `/session?since=${this.since}${asked}&wait=${WAIT}`));
  }

  /** The same without waiting. */
  async look() {
    return this.#take(await this.#lasting("GET", () => `/session?since=${this.since}`));
  }

  async answer(text) {
    const question = this.question.number;
    this.question = null;
    this.answered = question;
    return this.#take(await this.#lasting("POST", () => "/session/answers", () => ({ question, answer: text, since: this.since })));
  }

  async leave() {
    return this.#take(await this.#lasting("DELETE", () => `/session?since=${this.since}`));
  }

  /** Again and again while nobody answers at all; what the server refuses is refused. */
  async #lasting(method, path, body = () => undefined) {
    for (;;) {
      try {
        const answer = await ask(method, path(), this.token, body());
        this.onOffline(false);
        return answer;
      } catch (error) {
        if (error instanceof Refused && error.status < 500) throw error;
        this.onOffline(true);
        await new Promise((done) => setTimeout(done, AGAIN));
      }
    }
  }

  #take(state) {
    const fresh = state.lines.filter((line) => line.number > this.since);
    this.lines.push(...fresh);
    this.question = state.question?.number > this.answered ? state.question : null;
    this.over ||= state.over;
    return fresh;
  }
}
