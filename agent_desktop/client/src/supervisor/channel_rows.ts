/**
 * The rows of the channel map: one for each leg, changed where the leg has changed.
 *
 * They are drawn by hand and not by React: meters move five times a second, five hundred of them, so only
 * those are moved that can be seen, and nothing else is even looked at.
 */

import { age } from "../parts/time";
import { languageNow, named, word } from "../words/words";
import { type Cell, emptyRow, type Row, VERBS, type Verb } from "./channel_row";
import type { Level, Levels } from "./floor";
import type { Leg } from "./floor_state";

const QUIETEST = -60; // dBFS at the left end of a meter
const ROLES = ["customer", "agent", "expert", "supervisor"];

export class ChannelRows {
  readonly #body: HTMLElement;
  readonly #rows = new Map<string, Row>(); // by leg
  readonly #seen = new Set<Element>();
  readonly #watcher: IntersectionObserver;
  readonly #act: (verb: Verb, leg: Leg) => void;
  readonly #timer: ReturnType<typeof setInterval>;

  /** `view` is what the table is scrolled in; `act` is what a button does. */
  constructor(body: HTMLElement, view: HTMLElement, act: (verb: Verb, leg: Leg) => void) {
    this.#body = body;
    this.#act = act;
    this.#watcher = new IntersectionObserver((entries) => this.#came(entries), {
      root: view,
      rootMargin: "200px",
    });
    body.addEventListener("keydown", this.#move);
    body.addEventListener("focusin", this.#focused);
    this.#timer = setInterval(() => this.#drawTimes(), 1000);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#watcher.disconnect();
    this.#body.removeEventListener("keydown", this.#move);
    this.#body.removeEventListener("focusin", this.#focused);
    this.#body.replaceChildren();
  }

  /** All rows anew, in the order of their calls; rows of legs that were there stay what they are. */
  draw(legs: readonly Leg[], levels: ReadonlyMap<string, Level>, me: string, wanted: (leg: Leg) => boolean) {
    const shown = legs.filter(wanted).sort(inOrder);
    const ids = new Set(shown.map((leg) => leg.leg_id));
    const next = this.#refuge(ids);
    for (const [id, row] of this.#rows) if (!ids.has(id)) this.#drop(id, row);
    const served = new Set(legs.filter((leg) => leg.role === "agent").map((leg) => leg.contact_id));
    let before: string | null = null;
    shown.forEach((leg, place) => {
      const row = this.#rows.get(leg.leg_id) ?? this.#add(leg);
      const there = this.#body.children[place] ?? null;
      if (there !== row.line) this.#body.insertBefore(row.line, there);
      row.line.classList.toggle("first", leg.contact_id !== before);
      before = leg.contact_id;
      row.level = levels.get(leg.leg_id);
      this.#fill(row, leg, served.has(leg.contact_id), me);
    });
    next?.focus();
    if (!this.#body.querySelector("[tabindex='0']:not([hidden])"))
      this.#reach(this.#buttons("listen")[0]?.closest("tr"));
    return shown.length;
  }

  /** Move the meters of these legs, where they can be seen. */
  measure(changed: Levels): void {
    for (const [id, level] of Object.entries(changed)) {
      const row = this.#rows.get(id);
      if (!row) continue;
      row.level = level;
      if (this.#seen.has(row.line)) measure(row);
    }
  }

  #drawTimes(): void {
    for (const { line, cells, leg } of this.#rows.values())
      if (this.#seen.has(line)) say(cells.duration, age(leg.began_at));
  }

  #add(leg: Leg): Row {
    const row = emptyRow(leg);
    for (const verb of VERBS) {
      const button = row.buttons[verb];
      button.addEventListener("click", () => {
        if (button.getAttribute("aria-disabled") === "false") this.#act(verb, row.leg);
      });
    }
    this.#rows.set(leg.leg_id, row);
    this.#watcher.observe(row.line);
    return row;
  }

  #drop(id: string, row: Row): void {
    this.#watcher.unobserve(row.line);
    this.#seen.delete(row.line);
    this.#rows.delete(id);
    row.line.remove();
  }

  #fill(row: Row, leg: Leg, served: boolean, me: string): void {
    const drawnFor = `${served} ${languageNow()} ${me}`;
    if (row.leg === leg && row.drawnFor === drawnFor) return;
    Object.assign(row, { leg, drawnFor });
    if (this.#seen.has(row.line)) measure(row);
    const { cells, buttons } = row;
    const role = named("role", leg.role);
    const texts: Partial<Record<Cell, string>> = {
      party: leg.party ? `${role} ${leg.party}` : role,
      number: `${leg.number} (${named("direction", leg.direction)})`,
      queue: named("queueName", leg.queue),
      state: named("leg", leg.state) + (leg.muted ? ` · ${word("mute")}` : ""),
      duration: age(leg.began_at),
      codec: leg.codec ?? "",
      quality: quality(leg),
      recording: named("legRecording", leg.recording),
      listeners: leg.listeners.join(", "),
    };
    for (const [name, text] of Object.entries(texts)) say(cells[name as Cell], text);
    cells.recording.dataset.state = leg.recording;
    const label = `${texts.party} ${leg.number}`;
    for (const name of ["says", "hears"] as const)
      row.meters[name].meter.setAttribute("aria-label", `${label} ${word(name)}`);
    const hearing = leg.listeners.includes(me);
    const recorded = leg.recording !== "none";
    press(buttons.listen, word(hearing ? "stopListening" : "listen"), hearing, label, served || hearing);
    press(buttons.record, word(recorded ? "stopRecord" : "record"), recorded, label, served);
    for (const button of Object.values(buttons)) button.hidden = leg.role === "supervisor";
  }

  #came(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) {
        this.#seen.delete(target);
        continue;
      }
      this.#seen.add(target);
      const row = this.#rows.get((target as HTMLElement).dataset.leg ?? "");
      if (!row) continue;
      measure(row);
      say(row.cells.duration, age(row.leg.began_at));
    }
  }

  /** Arrow keys go from button to button; Tab goes to the table and out of it. */
  readonly #move = (event: KeyboardEvent): void => {
    const button = event.target;
    if (!(button instanceof HTMLButtonElement)) return;
    const alike = this.#buttons(button.className);
    const here = alike.indexOf(button);
    const ways: Record<string, () => Element | null | undefined> = {
      ArrowDown: () => alike[here + 1],
      ArrowUp: () => alike[here - 1],
      ArrowRight: () => button.nextElementSibling,
      ArrowLeft: () => button.previousElementSibling,
      Home: () => alike[0],
      End: () => alike.at(-1),
    };
    const to = ways[event.key];
    if (!to) return;
    event.preventDefault();
    (to() as HTMLElement | null | undefined)?.focus();
  };

  readonly #focused = (event: FocusEvent): void => {
    if (event.target instanceof Element) this.#reach(event.target.closest("tr"));
  };

  /** Those that there are, from the top; supervisors' own legs have none. */
  #buttons(name: string): HTMLButtonElement[] {
    return [...this.#body.querySelectorAll<HTMLButtonElement>(`button.${name}:not([hidden])`)];
  }

  /** Where the focus goes if its row is not among those that stay: the next like it, or the one before. */
  #refuge(stay: ReadonlySet<string>): HTMLButtonElement | undefined {
    const button = document.activeElement;
    if (!(button instanceof HTMLButtonElement) || !this.#body.contains(button)) return undefined;
    const stays = (one: Element) => stay.has(one.closest("tr")?.dataset.leg ?? "");
    if (stays(button)) return undefined;
    const alike = this.#buttons(button.className);
    const place = alike.indexOf(button);
    return [...alike.slice(place + 1), ...alike.slice(0, place).reverse()].find(stays);
  }

  /** Tab comes to this row. */
  #reach(line: Element | null | undefined): void {
    if (!line) return;
    for (const button of this.#body.querySelectorAll<HTMLElement>("[tabindex='0']")) button.tabIndex = -1;
    for (const button of line.querySelectorAll("button")) button.tabIndex = 0;
  }
}

function inOrder(one: Leg, other: Leg): number {
  return (
    one.began_at.localeCompare(other.began_at) ||
    one.contact_id.localeCompare(other.contact_id) ||
    ROLES.indexOf(one.role) - ROLES.indexOf(other.role) ||
    one.leg_id.localeCompare(other.leg_id)
  );
}

function quality({ loss, jitter_ms, mos }: Leg): string {
  const known = (value: number | null | undefined, said: (value: number) => string) =>
    value === null || value === undefined ? "–" : said(value);
  const lost = known(loss, (share) => `${(100 * share).toFixed(1)} %`);
  return `${lost} / ${known(jitter_ms, (ms) => `${ms.toFixed(0)} ms`)} / ${known(mos, (of) => of.toFixed(1))}`;
}

function measure(row: Row): void {
  const [said, heard] = row.level ?? [null, null];
  show(row.meters.says, said);
  show(row.meters.hears, heard);
}

function show({ meter, number }: Row["meters"]["says"], level: number | null | undefined): void {
  const known = level !== null && level !== undefined;
  meter.hidden = !known;
  if (known) meter.value = Math.max(QUIETEST, level);
  say(
    number,
    known ? (level <= QUIETEST ? word("silent") : `${level} ${word("decibels")}`) : word("noLevel"),
  );
}

function press(button: HTMLElement, text: string, pressed: boolean, label: string, enabled: boolean): void {
  say(button, text);
  button.setAttribute("aria-pressed", String(pressed));
  button.setAttribute("aria-label", `${text}: ${label}`);
  button.setAttribute("aria-disabled", String(!enabled)); // which can be reached, and so passed
}

/** Nothing is laid out again for a text that is there. */
function say(place: Element, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}
