/**
 * The floor, followed by one stream while somebody looks at it. Pages draw `state`; whoever moves meters
 * listens for "levels" (detail: by leg, what it says and hears), which are far too many to draw as a state.
 */

import { api, got } from "../server/rest";
import { Stream } from "../server/stream";
import type { Snapshot, Told } from "../server/told";
import { begun, type FloorState, lost, NOTHING, restaffed, told } from "./floor_state";

export type Level = readonly [number | null, number | null];
export type Levels = Record<string, Level>;

const STAFF_AGAIN = 1_000; // ms, for many are changed at once

/** What of it is followed: all that a supervisor sees, or the figures that a wall shows. */
export type FloorHello = (FloorWishes & { floor: true; figures: true }) | { wall: true };

export interface FloorWishes {
  /** Whose voice goes where, too (needs channels.watch). */
  channels: boolean;
  /** How loud each of them is, many times a second, too. */
  levels: boolean;
  /** Who waits in which queue, too. */
  waiting: boolean;
  /** What is open of them, too (needs alerts.read). */
  alerts: boolean;
}

export class Floor extends EventTarget {
  state: FloorState = NOTHING;
  /** By leg. */
  readonly levels = new Map<string, Level>();
  /** What was told since is not drawn yet. */
  #next: FloorState = NOTHING;
  #due: ReturnType<typeof setTimeout> | undefined;
  #staff: ReturnType<typeof setTimeout> | undefined;
  /** What has been told since the agents are being read; null while they are not. */
  #meanwhile: Told[] | null = null;
  readonly #stream: Stream;
  readonly #life = new AbortController();

  /** `over`: it will not come back, the session is not good for it (any more). */
  constructor(hello: FloorHello, over: () => void) {
    super();
    // Nothing is replayed: what a gap hid is in the snapshot and in what comes after it.
    this.#stream = new Stream({ together: true, ...hello });
    const { signal } = this.#life;
    const on = <Detail>(kind: string, act: (detail: Detail) => void) =>
      this.#stream.addEventListener(kind, (event) => act((event as CustomEvent<Detail>).detail), { signal });
    on<Snapshot>("up", (snapshot) => {
      this.#meanwhile = null; // it has everybody: what is being read is older
      this.#become(begun(this.#next, snapshot));
    });
    on<Told>("told", (message) => this.#hear(message));
    on<undefined>("down", () => this.#become(lost(this.#next)));
    on<undefined>("over", over);
    this.#stream.open();
  }

  close(): void {
    this.#life.abort();
    this.#stream.close();
    clearTimeout(this.#due);
    clearTimeout(this.#staff);
  }

  #hear(message: Told): void {
    if (message.type === "channels") {
      this.levels.clear();
      this.#measure(message.levels as unknown as Levels);
    } else if (message.type === "channels.levels") {
      this.#measure(message.levels as unknown as Levels);
      return;
    }
    if (message.type === "delta") this.#meanwhile?.push(message);
    this.#become(told(this.#next, message));
  }

  #measure(levels: Levels): void {
    for (const [leg, level] of Object.entries(levels)) this.levels.set(leg, level);
    this.dispatchEvent(new CustomEvent("levels", { detail: levels }));
  }

  #become(state: FloorState): void {
    if (state === this.#next) return;
    if (state.staff !== this.#next.staff) this.#readStaff();
    this.#next = state;
    this.#due ??= setTimeout(() => this.#show()); // when all of its frame is told
  }

  #show(): void {
    this.#due = undefined;
    const { legs } = this.#next;
    for (const leg of this.levels.keys()) if (!legs[leg]) this.levels.delete(leg);
    this.state = this.#next;
    this.dispatchEvent(new Event("changed"));
  }

  /** Names, skills and who there is have no event with values. */
  #readStaff(): void {
    this.#staff ??= setTimeout(async () => {
      this.#staff = undefined;
      const meanwhile: Told[] = [];
      this.#meanwhile = meanwhile;
      try {
        const agents = await got(api.GET("/api/v1/agents"));
        if (this.#meanwhile === meanwhile) this.#become(restaffed(this.#next, agents, meanwhile));
      } catch {
        // the next change, or the next snapshot, brings them
      } finally {
        if (this.#meanwhile === meanwhile) this.#meanwhile = null;
      }
    }, STAFF_AGAIN);
  }
}
