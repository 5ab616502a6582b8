/**
 * What this desktop knows: the agent, the phone, the calls. It follows the stream and does what the
 * agent wants; whoever draws listens for "changed", and for "trouble" (detail: gives the words to show).
 */

import { serverNow } from "../server/clock";
import { api, got, Refusal, type Schemas } from "../server/rest";
import type { Stream } from "../server/stream";
import type { Delta, ScreenPop, Snapshot, Talk, Told, Wish } from "../server/told";
import { whyNot, word } from "../words/words";
import { type AgentNow, agentAfter } from "./agent_now";
import type { Call, CallAtHand, Reading, Verb } from "./call";
import { Expected } from "./expected";
import { hear } from "./hear";
import { Messages } from "./messages";
import type { Microphone } from "./microphone";
import { newsOf, newsOfEnd, type Say } from "./news";
import { type Parameters, Queries } from "./queries";
import { Recorded } from "./recorded";
import { Screens } from "./screens";
import type { Path, Softphone } from "./softphone";
import { changedBy, grown, TO_DO, UNREAD } from "./to_do";

type Lists = Schemas["DesktopLists"];
interface Leaving {
  leave?: boolean;
  /** The flow that the customer is led into when it is read; without one the call is over. */
  afterwards?: string | null;
}

type Audio = "here" | "elsewhere" | "nowhere";

const CHECK_AGAIN = { connected: 60_000, failed: 15_000, untested: 0 }; // ms, by how the way was

export class Desk extends EventTarget {
  agent: AgentNow | null = null;
  pop: ScreenPop | null = null;
  hasPhone = false;
  audio: Audio = "nowhere";
  /** By the id of the agent's leg. */
  calls = new Map<string, Call>();
  /** By contact: what the agent does in the call, and whether muted. */
  talks = new Map<string, Talk>();
  lists: Lists = { not_ready_reasons: [], queues: [], colleagues: [], afterwards: [] };
  path: Path | "untested" = "untested";
  /** The contact to whom something is being read. */
  readTo: string | null = null;
  /** In the conversation that goes on. */
  keysSent = "";
  link: "up" | "down" = "down";
  /** Grows with every change. */
  version = 0;
  /** What there is to do beside the call. */
  toDo = UNREAD;
  readonly queries = new Queries();
  readonly screens = new Screens();
  readonly messages = new Messages();
  readonly recorded = new Recorded();
  readonly softphone: Softphone;
  readonly stream: Stream;
  readonly microphone: Microphone;
  #checks: ReturnType<typeof setTimeout> | undefined;
  #life = new AbortController(); // microphone and softphone outlive the desk
  #expected = new Expected();

  /** `softphone` is that of an earlier desk of this page, with the audio of its calls. */
  constructor(stream: Stream, microphone: Microphone, softphone: Softphone) {
    super();
    this.stream = stream;
    this.microphone = microphone;
    this.softphone = softphone;
    this.softphone.ask = (message) => stream.ask(message);
    const { signal } = this.#life;
    hear<Snapshot>(stream, "up", (snapshot) => this.#up(snapshot), signal);
    hear<Told>(stream, "told", (message) => this.#told(message), signal);
    hear<undefined>(stream, "down", () => this.#set({ link: "down" }), signal);
    hear<undefined>(microphone, "changed", () => this.#microphoneChanged(), signal);
    hear<Path>(this.softphone, "path", (path) => this.#pathShown(path), signal);
  }

  /** The session is over: nothing is followed or tried any more. */
  close(): void {
    this.#life.abort();
    clearTimeout(this.#checks);
    this.link = "down"; // a stream that is over says "over", not "down"
  }

  /** The call that the page is about: what rings, else what goes on. */
  get call(): CallAtHand | null {
    const calls = [...this.calls.values()];
    const call = calls.find((one) => one.state === "ringing") ?? calls[0] ?? this.#callElsewhere();
    if (!call) return null;
    const { contact_id } = call;
    return { ...call, talk: this.talks.get(contact_id) ?? null, reading: this.readTo === contact_id };
  }

  /** The call at a phone that is not the browser, as far as the agent's state tells. */
  #callElsewhere(): Call | null {
    const { state, since, contact_id } = this.agent ?? {};
    if (this.hasPhone || !contact_id || !since || (state !== "ringing" && state !== "talking")) return null;
    return {
      id: null,
      contact_id,
      state,
      since,
      audio: true,
      auto_answer: false,
      pop: this.#popFor(contact_id),
    };
  }

  get audioHere(): boolean {
    return this.audio === "here";
  }

  // --- what the agent does ---------------------------------------------------------------------

  async setState(state: "ready" | "not_ready", reason: string | null = null): Promise<void> {
    const agent = this.agent?.id;
    if (!agent) return;
    const path = { agent_id: agent };
    await this.#try(() =>
      got(api.PUT("/api/v1/agents/{agent_id}/state", { params: { path }, body: { state, reason } })),
    );
  }

  async answer(): Promise<void> {
    const call = this.call;
    if (call?.state !== "ringing" || call.id === null) return;
    if (!this.audioHere) await this.takeAudio();
    const { id } = call;
    await this.#try(async () => {
      await this.softphone.connect(id);
      await this.stream.ask({ type: "accept", id });
      if (this.calls.get(id)?.state === "ringing") this.#patch(id, { state: "accepted" });
    });
  }

  async takeAudio(): Promise<void> {
    await this.#try(async () => {
      await this.microphone.open();
      await this.stream.ask({ type: "take_audio" });
      this.#audioMoved("here");
    });
  }

  async hangUp(): Promise<void> {
    const call = this.call;
    if (!call) return;
    const { id, contact_id } = call;
    await this.#try(() => this.stream.ask(id ? { type: "hang_up", id } : { type: "release", contact_id }));
  }

  /** Any other thing that is done to the call: hold, mute, transfer… */
  async act(verb: Verb): Promise<void> {
    const call = this.call;
    if (call) await this.#try(() => this.stream.ask({ ...verb, contact_id: call.contact_id } as Wish));
  }

  /** Digits to the customer. */
  sendKeys(digits: string): void {
    this.keysSent = (this.keysSent + digits).slice(-24);
    void this.act({ type: "digits", digits });
    this.#changed();
  }

  /** Have a text, or rows of what was looked up, spoken to the customer, over the conversation; `leave`: and go. */
  async readOut(what: Reading, { leave = false } = {}): Promise<void> {
    const contact = this.call?.contact_id;
    if (!contact) return;
    await this.#try(async () => {
      try {
        await this.stream.ask({ type: "read_out", contact_id: contact, ...what });
      } catch (error) {
        if (error instanceof Refusal && error.problem === "AlreadyReading") this.#set({ readTo: contact }); // begun before this page was there
        throw error;
      }
      if (leave) await this.hangUp();
    });
  }

  /** Which queries can be read to the customer at hand. */
  async listQueries(): Promise<void> {
    const contact = this.call?.contact_id;
    if (!contact) return;
    await this.#try(() => this.queries.list(contact));
    this.#changed();
  }

  async lookUp(query: string, parameters: Parameters): Promise<void> {
    const contact = this.call?.contact_id;
    if (!contact) return;
    await this.#try(() => this.queries.run(query, parameters, contact));
    this.#changed();
  }

  /** The rows with these numbers, of what was looked up for this very customer. */
  async readRows(
    rows: number[],
    sideTone: boolean,
    { leave = false, afterwards }: Leaving = {},
  ): Promise<void> {
    const found = this.queries.foundFor(this.call?.contact_id);
    if (found && rows.length)
      await this.readOut({ result_id: found.result_id, rows, side_tone: sideTone, afterwards }, { leave });
  }

  /** Call a customer on behalf of a queue: one's own phone first, picked up by itself. */
  async dial(number: string, queue: string): Promise<void> {
    await this.#try(async () =>
      this.#isPlaced(await got(api.POST("/api/v1/contacts", { body: { number, queue } }))),
    );
  }

  /** The customer's first telephone, which may be hidden from the agent. */
  async dialCustomer(customer: string, queue: string): Promise<void> {
    const body = { customer_id: customer, queue };
    await this.#try(async () => this.#isPlaced(await got(api.POST("/api/v1/contacts", { body }))));
  }

  async dialCallBack(call_back_id: string): Promise<void> {
    const path = { call_back_id };
    await this.#try(async () =>
      this.#isPlaced(await got(api.POST("/api/v1/call-backs/{call_back_id}/dial", { params: { path } }))),
    );
  }

  #isPlaced({ contact_id }: Schemas["PlacedCall"]): void {
    this.#expected.add(contact_id);
    this.#answerByItself();
  }

  /** The agent has read it: whoever wrote it is told. */
  async read(message: string): Promise<void> {
    const path = { agent_id: this.agent?.id ?? "", message_id: message };
    const done = await this.#try(() =>
      got(api.POST("/api/v1/agents/{agent_id}/messages/{message_id}/read", { params: { path } })),
    );
    if (done) this.messages.drop(message);
    this.#changed();
  }

  /** A supervisor who asked to hear a call need not answer it. */
  expect(contact: string): void {
    this.#expected.add(contact);
    this.#answerByItself();
  }

  /** Whoever placed a call need not answer it (ring and receipt come in either order), nor who wears a headset. */
  #answerByItself(): void {
    const call = this.call;
    if (call?.state !== "ringing") return;
    const wanted = call.auto_answer && this.audioHere && this.microphone.state === "live";
    if (this.#expected.take(call.contact_id) || wanted) void this.answer();
  }

  /** The microphone again, and the way to the server with it; whether all is well. */
  async check(): Promise<boolean> {
    await this.microphone.open();
    if (!this.calls.size) await this.softphone.check().catch(() => {}); // a lost stream says so itself
    return this.microphone.state === "live" && this.path !== "failed";
  }

  /** Milliseconds to the server and back, on the stream. Rejects with StreamLost. */
  async roundTrip(): Promise<number> {
    const began = performance.now();
    await this.stream.ask({ type: "health", microphone: this.microphone.state, path: this.path });
    return performance.now() - began;
  }

  /** Before the first call, then again and again between calls: a way that was free may be blocked now. */
  #checkByItself(): void {
    clearTimeout(this.#checks);
    if (!this.audioHere || this.link !== "up") return;
    this.#checks = setTimeout(() => this.check(), CHECK_AGAIN[this.path]);
  }

  // --- what the server says --------------------------------------------------------------------

  #up(snapshot: Snapshot): void {
    this.agent = snapshot.agent as unknown as AgentNow;
    this.pop = snapshot.contact ?? null;
    this.screens.reset(snapshot.contacts);
    this.messages.reset(snapshot.messages);
    this.toDo = grown(this.toDo, TO_DO);
    this.hasPhone = Boolean(snapshot.phone);
    this.link = "up";
    this.readTo = null; // what has been read since before is told when it is asked for
    const calls = snapshot.phone?.calls ?? [];
    const before = this.calls;
    this.calls = new Map(
      calls.map((call) => [
        call.id,
        { ...call, pop: before.get(call.id)?.pop ?? this.#popFor(call.contact_id) },
      ]),
    );
    this.talks = new Map(snapshot.talk ? [[snapshot.talk.contact_id, snapshot.talk]] : []);
    this.softphone.keep([...this.calls.keys()]);
    const talked = [...before.values()].filter((call) => call.state === "talking");
    if (talked.some((call) => call.id && !this.calls.has(call.id)))
      this.#trouble(() => word("endedMeanwhile"));
    if (snapshot.phone) {
      this.audio = snapshot.phone.audio as Audio;
      this.#report();
      this.#bringBack();
      if (this.microphone.state === "live") this.#checkByItself();
      this.#answerByItself();
    }
    this.readLists();
    if (snapshot.talk) void this.#learnRecorded(snapshot.talk.contact_id);
    this.#changed();
  }

  #told(message: Told): void {
    switch (message.type) {
      case "delta":
        this.#happened(message);
        break;
      case "ring":
        this.pop = message.pop ?? this.pop;
        this.calls.set(message.id, {
          id: message.id,
          contact_id: message.contact_id,
          state: "ringing",
          since: new Date(serverNow()).toISOString(),
          pop: message.pop,
          audio: false,
          auto_answer: message.auto_answer,
        });
        this.#follow();
        this.#answerByItself();
        this.#changed();
        break;
      case "answer":
        void this.softphone.answered(message);
        break;
      case "connected":
        this.#patch(message.id, {
          state: "talking",
          audio: true,
          since: new Date(serverNow()).toISOString(),
        });
        break;
      case "media_lost":
        this.#patch(message.id, { audio: false });
        if (this.audioHere) void this.softphone.restart(message.id);
        break;
      case "media_back":
        this.#patch(message.id, { audio: true });
        break;
      case "ended":
        this.#ended(message);
        break;
      case "audio":
        this.#audioMoved(message.owner as Audio);
        break;
      case "screen":
        this.#shownAnew(message.pop);
        break;
      default: // of a newer server
    }
  }

  #happened(delta: Delta): void {
    if (!this.agent) return;
    const { data, pop } = delta;
    this.toDo = grown(this.toDo, changedBy(data, this.screens.isCall(data)));
    this.screens.hear(delta);
    this.messages.hear(delta);
    this.recorded.hear(delta);
    const wrappedUp = this.agent.wrap_up;
    this.agent = agentAfter(this.agent, data);
    if (wrappedUp && !this.agent.wrap_up) this.toDo = grown(this.toDo, ["owed"]);
    const news = newsOf(data);
    if (news) this.#trouble(news);
    switch (data.event) {
      case "interaction.state_changed":
        this.talks.set(data.contact_id, data);
        break;
      case "interaction.ended":
        this.talks.delete(data.contact_id);
        this.#expected.drop(data.contact_id);
        break;
      case "read_out.started":
        this.readTo = data.contact_id;
        break;
      case "read_out.ended":
        this.readTo = null;
        break;
      case "contact.offered":
        if (data.channel === "voice") this.pop = pop ?? null;
        break;
    }
    this.#changed();
  }

  /** Who the customer is was found out, or something was noted: whichever desktop did it. */
  #shownAnew(pop: ScreenPop): void {
    this.screens.show(pop);
    const ours = pop.contact_id === this.agent?.contact_id || pop.contact_id === this.pop?.contact_id;
    if (ours && pop.channel === "voice") this.pop = pop;
    for (const [id, call] of this.calls)
      if (call.contact_id === pop.contact_id) this.calls.set(id, { ...call, pop });
    this.#changed();
  }

  #ended({ id, reason }: { id: string; reason: string }): void {
    this.calls.delete(id);
    this.softphone.drop(id);
    this.keysSent = "";
    if (reason === "no-audio" && this.audioHere) this.#pathShown("failed"); // whatever was seen before the call
    const news = newsOfEnd(reason);
    if (news) this.#trouble(news);
    if (!this.calls.size) this.#checkByItself();
    this.#changed();
  }

  #audioMoved(owner: Audio): void {
    this.audio = owner;
    if (owner === "here") {
      this.#report();
      this.#checkByItself();
    }
    this.#follow();
    this.#changed();
  }

  /** The snapshot tells which calls the server hears nothing of. */
  #bringBack(): void {
    this.#follow();
    if (!this.audioHere) return;
    for (const call of this.calls.values()) if (!call.audio && call.id) void this.softphone.restart(call.id);
  }

  /** Have the sound of every call here, or of none. */
  #follow(): void {
    if (!this.audioHere) this.softphone.keep([]);
    else for (const id of this.calls.keys()) void this.softphone.connect(id);
  }

  // --- how the equipment is --------------------------------------------------------------------

  #microphoneChanged(): void {
    this.#report();
    if (this.microphone.state === "live") {
      this.#follow();
      this.#checkByItself();
      this.#answerByItself();
    }
    this.#changed();
  }

  #pathShown(path: Path): void {
    this.path = path;
    this.#report();
    this.#checkByItself();
    this.#changed();
  }

  #report(): void {
    if (!this.stream.up || !this.hasPhone) return;
    this.stream.ask({ type: "health", microphone: this.microphone.state, path: this.path }).catch(() => {});
  }

  // --- inside ----------------------------------------------------------------------------------

  #popFor(contact: string): ScreenPop | null {
    return this.pop?.contact_id === contact ? this.pop : null;
  }

  async readLists(): Promise<void> {
    try {
      this.lists = await got(api.GET("/api/v1/desktop"));
    } catch {
      return; // what there was stays; the next snapshot asks again
    }
    this.#changed();
  }

  async #learnRecorded(contact: string): Promise<void> {
    try {
      await this.recorded.learn(contact);
    } catch {
      return; // the call is over, or the next snapshot asks again
    }
    this.#changed();
  }

  async #try(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.#trouble(() => whyNot(error));
      return false;
    }
  }

  #patch(id: string, news: Partial<Call>): void {
    const call = this.calls.get(id);
    if (call) this.calls.set(id, { ...call, ...news });
    this.#changed();
  }

  #set(news: Partial<Desk>): void {
    Object.assign(this, news);
    this.#changed();
  }

  #changed(): void {
    this.version += 1;
    this.dispatchEvent(new Event("changed"));
  }

  #trouble(say: Say): void {
    this.dispatchEvent(new CustomEvent("trouble", { detail: say }));
  }
}
