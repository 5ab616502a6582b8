/**
 * What this desktop knows: the agent, the phone, the calls. It follows the stream and does what the
 * agent wants; whoever draws listens for "changed", and for "trouble" (detail: gives the words to show).
 */

import { Queries } from "./queries.js";
import { whyNot } from "./rest.js";
import { Softphone } from "./softphone.js";
import { stateInWords, word } from "./words.js";

const CHECK_AGAIN = { connected: 60_000, failed: 15_000, untested: 0 }; // ms, by how the way was
const BUSY = ["ringing", "talking", "wrap_up"];
const TOLD_WHY = ["no-audio", "browser-gone", "not-answered", "offer-withdrawn", "media-lost"];

export class Desk extends EventTarget {
  #checks = null;
  #life = new AbortController(); // microphone and softphone outlive the desk
  #placed = new Set(); // contacts that were dialled here

  /** `softphone` is that of an earlier desk of this page, with the audio of its calls. */
  constructor(rest, stream, microphone, sound, softphone = null) {
    super();
    this.rest = rest;
    this.stream = stream;
    this.microphone = microphone;
    this.softphone = softphone ?? new Softphone(microphone, sound);
    this.softphone.ask = (message) => stream.ask(message);
    this.agent = null;
    this.pop = null;
    this.hasPhone = false;
    this.audio = "nowhere";
    this.calls = new Map(); // by the id of the agent's leg
    this.talks = new Map(); // by contact: what the agent does in the call, and whether muted
    this.lists = { not_ready_reasons: [], queues: [], colleagues: [] };
    this.path = "untested";
    this.readTo = null; // the contact to whom something is being read
    this.queries = new Queries(rest);
    this.link = "down";
    stream.addEventListener("up", ({ detail }) => this.#up(detail));
    stream.addEventListener("told", ({ detail }) => this.#told(detail));
    stream.addEventListener("down", () => this.#set({ link: "down" }));
    const { signal } = this.#life;
    microphone.addEventListener("changed", () => this.#microphoneChanged(), { signal });
    this.softphone.addEventListener("path", ({ detail }) => this.#pathShown(detail), { signal });
  }

  /** The session is over: nothing is followed or tried any more. */
  close() {
    this.#life.abort();
    clearTimeout(this.#checks);
    this.link = "down"; // a stream that is over says "over", not "down"
  }

  /** The call that the page is about: what rings, else what goes on. */
  get call() {
    const calls = [...this.calls.values()];
    const call = calls.find((one) => one.state === "ringing") ?? calls[0] ?? this.#callElsewhere();
    const { contact_id } = call ?? {};
    return call && { ...call, talk: this.talks.get(contact_id) ?? null, reading: this.readTo === contact_id };
  }

  /** The call at a phone that is not the browser, as far as the agent's state tells. */
  #callElsewhere() {
    const { state, since, contact_id } = this.agent ?? {};
    if (this.hasPhone || !contact_id || !["ringing", "talking"].includes(state)) return null;
    return { id: null, contact_id, state, since, audio: true, pop: this.#popFor({ contact_id }) };
  }

  get audioHere() {
    return this.audio === "here";
  }

  // --- what the agent does ---------------------------------------------------------------------

  async setState(state, reason = null) {
    await this.#try(() => this.rest.ask("PUT", `agents/${this.agent.id}/state`, { state, reason }));
  }

  async answer() {
    const call = this.call;
    if (call?.state !== "ringing" || call.id === null) return;
    if (!this.audioHere) await this.takeAudio();
    await this.#try(async () => {
      await this.softphone.connect(call.id);
      await this.stream.ask({ type: "accept", id: call.id });
      if (this.calls.get(call.id)?.state === "ringing") this.#patch(call.id, { state: "accepted" });
    });
  }

  async takeAudio() {
    await this.#try(async () => {
      await this.microphone.open();
      await this.stream.ask({ type: "take_audio" });
      this.#audioMoved("here");
    });
  }

  async hangUp() {
    const call = this.call;
    const message = call?.id ? { type: "hang_up", id: call.id } : { type: "release", contact_id: call?.contact_id };
    if (call) await this.#try(() => this.stream.ask(message));
  }

  /** Any other thing that is done to the call: hold, mute, transfer… */
  async act(type, more = {}) {
    const call = this.call;
    if (call) await this.#try(() => this.stream.ask({ type, contact_id: call.contact_id, ...more }));
  }

  /** Have a text, or rows of what was looked up, spoken to the customer, over the conversation; `leave`: and go. */
  async readOut(what, { leave = false } = {}) {
    const contact = this.call?.contact_id;
    if (!contact) return;
    await this.#try(async () => {
      try {
        await this.stream.ask({ type: "read_out", contact_id: contact, ...what });
      } catch (error) {
        if (error.problem === "AlreadyReading") this.#set({ readTo: contact }); // begun before this page was there
        throw error;
      }
      if (leave) await this.hangUp();
    });
  }

  /** Which queries can be read to the customer at hand. */
  async listQueries() {
    const contact = this.call?.contact_id;
    if (!contact) return;
    await this.#try(() => this.queries.list(contact));
    this.#changed();
  }

  async lookUp(query, parameters) {
    const contact = this.call?.contact_id;
    if (!contact) return;
    await this.#try(() => this.queries.run(query, parameters, contact));
    this.#changed();
  }

  /** The rows with these numbers, of what was looked up for this very customer. */
  async readRows(rows, sideTone, { leave = false } = {}) {
    const found = this.queries.foundFor(this.call?.contact_id);
    if (found && rows.length) await this.readOut({ result_id: found.result_id, rows, side_tone: sideTone }, { leave });
  }

  /** Call a customer on behalf of a queue: one's own phone first, picked up by itself. */
  async dial(number, queue) {
    await this.#try(async () => {
      const placed = await this.rest.ask("POST", "contacts", { number, queue });
      this.#placed.add(placed.contact_id);
      this.#answerByItself();
    });
  }

  async note(text) {
    const contact = this.call?.contact_id;
    if (contact) await this.#try(() => this.rest.ask("POST", `contacts/${encodeURIComponent(contact)}/notes`, { text }));
  }

  /** Whoever placed a call need not answer it (ring and receipt come in either order), nor who wears a headset. */
  #answerByItself() {
    const call = this.call;
    if (call?.state !== "ringing") return;
    const wanted = call.auto_answer && this.audioHere && this.microphone.state === "live";
    if (this.#placed.delete(call.contact_id) || wanted) this.answer();
  }

  /** The microphone again, and the way to the server with it; whether all is well. */
  async check() {
    await this.microphone.open();
    if (!this.calls.size) await this.softphone.check().catch(() => {}); // a lost stream says so itself
    return this.microphone.state === "live" && this.path !== "failed";
  }

  /** Before the first call, then again and again between calls: a way that was free may be blocked now. */
  #checkByItself() {
    clearTimeout(this.#checks);
    if (!this.audioHere || this.link !== "up") return;
    this.#checks = setTimeout(() => this.check(), CHECK_AGAIN[this.path]);
  }

  // --- what the server says --------------------------------------------------------------------

  #up(snapshot) {
    this.agent = snapshot.agent;
    this.pop = snapshot.contact ?? null;
    this.hasPhone = Boolean(snapshot.phone);
    this.link = "up";
    this.readTo = null; // what has been read since before is told when it is asked for
    const calls = snapshot.phone?.calls ?? [];
    const before = this.calls;
    this.calls = new Map(calls.map((call) => [call.id, { ...call, pop: before.get(call.id)?.pop ?? this.#popFor(call) }]));
    this.talks = new Map(snapshot.talk ? [[snapshot.talk.contact_id, snapshot.talk]] : []);
    this.softphone.keep([...this.calls.keys()]);
    const talked = [...before.values()].filter((call) => call.state === "talking");
    if (talked.some((call) => !this.calls.has(call.id))) this.#trouble(() => word("endedMeanwhile"));
    if (this.hasPhone) {
      this.audio = snapshot.phone.audio;
      this.#report();
      this.#bringBack();
      if (this.microphone.state === "live") this.#checkByItself();
      this.#answerByItself();
    }
    this.readLists();
    this.#changed();
  }

  #told(message) {
    switch (message.type) {
      case "delta":
        return this.#happened(message);
      case "ring":
        this.pop = message.pop ?? this.pop;
        this.calls.set(message.id, {
          id: message.id, contact_id: message.contact_id, state: "ringing", since: new Date().toISOString(), pop: message.pop, audio: false,
          auto_answer: message.auto_answer,
        });
        this.#follow();
        this.#answerByItself();
        return this.#changed();
      case "answer":
        return void this.softphone.answered(message);
      case "connected":
        return this.#patch(message.id, { state: "talking", audio: true, since: new Date().toISOString() });
      case "media_lost":
        this.#patch(message.id, { audio: false });
        if (this.audioHere) this.softphone.restart(message.id);
        return undefined;
      case "media_back":
        return this.#patch(message.id, { audio: true });
      case "ended":
        return this.#ended(message);
      case "audio":
        return this.#audioMoved(message.owner);
      default:
        return undefined; // of a newer server
    }
  }

  #happened({ data, pop }) {
    switch (data.event) {
      case "agent.state_changed":
        Object.assign(this.agent, { state: data.state, since: data.since, reason: data.reason, contact_id: data.contact_id });
        if (!BUSY.includes(data.state)) Object.assign(this.agent, { next_state: null, next_reason: null });
        if (data.chosen_by) this.#trouble(() => `${data.chosen_by} ${word("chosen")} ${stateInWords(data.state, data.reason)}`);
        break;
      case "agent.next_chosen":
        Object.assign(this.agent, { next_state: data.state, next_reason: data.reason });
        if (data.chosen_by) this.#trouble(() => `${data.chosen_by} ${word("chosenNext")} ${stateInWords(data.state, data.reason)}`);
        break;
      case "agent.fitness_changed":
        this.agent.unfit = data.unfit;
        break;
      case "interaction.state_changed":
        this.talks.set(data.contact_id, data);
        break;
      case "interaction.ended":
        this.talks.delete(data.contact_id);
        break;
      case "customer.not_reached":
        if (data.cause !== "agent-left") this.#trouble(() => `${word("notReached")} ${word(`cause.${data.cause}`, data.cause)}`);
        break;
      case "transfer.failed":
        this.#trouble(() => `${word("transferFailed")} ${word(`cause.${data.cause}`, data.cause)}`);
        break;
      case "read_out.started":
        this.readTo = data.contact_id;
        break;
      case "read_out.ended":
        this.readTo = null;
        if (data.outcome === "failed") this.#trouble(() => word("notRead"));
        break;
      case "contact.noted":
        this.#noted(data);
        break;
      case "contact.offered":
        this.pop = pop ?? null;
        break;
    }
    this.#changed();
  }

  #noted({ contact_id, agent_id, text }) {
    const noted = (pop) => (pop?.contact_id === contact_id ? { ...pop, notes: [...(pop.notes ?? []), { agent_id, text }] } : pop);
    this.pop = noted(this.pop);
    for (const [id, call] of this.calls) this.calls.set(id, { ...call, pop: noted(call.pop) });
  }

  #ended({ id, reason }) {
    this.calls.delete(id);
    this.softphone.drop(id);
    if (reason === "no-audio" && this.audioHere) this.#pathShown("failed"); // whatever was seen before the call
    if (TOLD_WHY.includes(reason)) this.#trouble(() => word(`ended.${reason}`));
    if (!this.calls.size) this.#checkByItself();
    this.#changed();
  }

  #audioMoved(owner) {
    this.audio = owner;
    if (owner === "here") {
      this.#report();
      this.#checkByItself();
    }
    this.#follow();
    this.#changed();
  }

  /** The snapshot tells which calls the server hears nothing of. */
  #bringBack() {
    this.#follow();
    if (!this.audioHere) return;
    for (const call of this.calls.values()) if (!call.audio) this.softphone.restart(call.id);
  }

  /** Have the sound of every call here, or of none. */
  #follow() {
    if (!this.audioHere) return this.softphone.keep([]);
    for (const id of this.calls.keys()) this.softphone.connect(id);
  }

  // --- how the equipment is --------------------------------------------------------------------

  #microphoneChanged() {
    this.#report();
    if (this.microphone.state === "live") {
      this.#follow();
      this.#checkByItself();
      this.#answerByItself();
    }
    this.#changed();
  }

  #pathShown(path) {
    this.path = path;
    this.#report();
    this.#checkByItself();
    this.#changed();
  }

  #report() {
    if (!this.stream.up || !this.hasPhone) return;
    this.stream.ask({ type: "health", microphone: this.microphone.state, path: this.path }).catch(() => {});
  }

  // --- inside ----------------------------------------------------------------------------------

  #popFor(call) {
    return this.pop?.contact_id === call.contact_id ? this.pop : null;
  }

  async readLists() {
    try {
      this.lists = await this.rest.ask("GET", "desktop");
    } catch {
      return; // what there was stays; the next snapshot asks again
    }
    this.#changed();
  }

  async #try(work) {
    try {
      await work();
    } catch (error) {
      this.#trouble(() => whyNot(error));
    }
  }

  #patch(id, news) {
    const call = this.calls.get(id);
    if (call) this.calls.set(id, { ...call, ...news });
    this.#changed();
  }

  #set(news) {
    Object.assign(this, news);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("changed"));
  }

  #trouble(say) {
    this.dispatchEvent(new CustomEvent("trouble", { detail: say }));
  }
}
