/**
 * The rows of the channel map on the page: one for each leg, changed where the leg has changed.
 *
 * Meters move five times a second, so only those are moved that can be seen.
 */

import { element } from "./record.js";
import { age } from "./view.js";
import { languageNow, word } from "./words.js";

const QUIETEST = -60; // dBFS at the left end of a meter
const LOUD = -6;
const FAINT = -45;
const ROLES = ["customer", "agent", "expert", "supervisor"];

export class ChannelRows {
  #body;
  #act;
  #rows = new Map(); // by leg
  #seen = new Set();
  #watcher;

  /** `view` is what the table is scrolled in; `act(verb, leg)` is what a button does. */
  constructor(body, view, act) {
    this.#body = body;
    this.#act = act;
    this.#watcher = new IntersectionObserver((entries) => this.#came(entries), { root: view, rootMargin: "200px" });
    body.addEventListener("keydown", (event) => this.#move(event));
    body.addEventListener("focusin", (event) => this.#reach(event.target.closest("tr")));
  }

  /** All rows anew, in the order of their calls; rows of legs that were there stay what they are. */
  draw(legs, levels, me, wanted) {
    const shown = [...legs.values()].filter((leg) => wanted(leg)).sort(inOrder);
    const ids = new Set(shown.map((leg) => leg.leg_id));
    const next = this.#refuge(ids);
    for (const [id, row] of this.#rows) if (!ids.has(id)) this.#drop(id, row);
    const served = new Set([...legs.values()].filter((leg) => leg.role === "agent").map((leg) => leg.contact_id));
    let before = null;
    shown.forEach((leg, place) => {
      const row = this.#rows.get(leg.leg_id) ?? this.#add(leg.leg_id);
      if (this.#body.children[place] !== row.line) this.#body.insertBefore(row.line, this.#body.children[place] ?? null);
      row.line.classList.toggle("first", leg.contact_id !== before);
      before = leg.contact_id;
      row.level = levels.get(leg.leg_id);
      this.#fill(row, leg, served.has(leg.contact_id), me);
    });
    next?.focus();
    if (!this.#body.querySelector("[tabindex='0']:not([hidden])")) this.#reach(this.#buttons("listen")[0]?.closest("tr"));
    return shown.length;
  }

  /** Move the meters of these legs, where they can be seen. */
  measure(changed) {
    for (const [id, level] of changed) {
      const row = this.#rows.get(id);
      if (!row) continue;
      row.level = level;
      if (this.#seen.has(row.line)) this.#measure(row);
    }
  }

  /** What counts up: called every second. */
  drawTimes() {
    for (const row of this.#rows.values()) if (this.#seen.has(row.line)) say(row.cells.duration, age(row.leg.began_at));
  }

  #add(id) {
    const cells = {};
    for (const name of ["party", "number", "queue", "state", "duration", "says", "hears", "codec", "quality", "recording", "listeners", "actions"]) {
      cells[name] = element(name === "party" ? "th" : "td", name === "party" ? { scope: "row", class: name } : { class: name });
    }
    const meters = {};
    for (const name of ["says", "hears"]) {
      const meter = element("meter", { min: QUIETEST, max: 0, low: FAINT, high: LOUD, optimum: -20, value: QUIETEST, class: name });
      const number = element("span", { class: "decibels" });
      cells[name].append(meter, " ", number);
      meters[name] = { meter, number };
    }
    const buttons = {};
    for (const name of ["listen", "record"]) {
      buttons[name] = element("button", { type: "button", class: name, tabindex: -1, "aria-pressed": "false" });
      buttons[name].addEventListener("click", () => {
        if (buttons[name].getAttribute("aria-disabled") === "false") this.#act(name, this.#rows.get(id).leg);
      });
      cells.actions.append(buttons[name]);
    }
    const line = element("tr", { "data-leg": id }, ...Object.values(cells));
    const row = { line, cells, meters, buttons, leg: null };
    this.#rows.set(id, row);
    this.#watcher.observe(line);
    return row;
  }

  #drop(id, row) {
    this.#watcher.unobserve(row.line);
    this.#seen.delete(row.line);
    this.#rows.delete(id);
    row.line.remove();
  }

  #fill(row, leg, served, me) {
    if (row.leg === leg && row.served === served && row.language === languageNow()) return;
    Object.assign(row, { leg, served, language: languageNow() });
    if (this.#seen.has(row.line)) this.#measure(row);
    const { cells, buttons } = row;
    say(cells.party, leg.party ? `${word(`role.${leg.role}`)} ${leg.party}` : word(`role.${leg.role}`));
    say(cells.number, `${leg.number} (${word(`direction.${leg.direction}`)})`);
    say(cells.queue, leg.queue ?? "");
    say(cells.state, word(`leg.${leg.state}`) + (leg.muted ? ` · ${word("mute")}` : ""));
    say(cells.duration, age(leg.began_at));
    say(cells.codec, leg.codec ?? "");
    say(cells.quality, quality(leg));
    say(cells.recording, word(`recording.${leg.recording}`));
    cells.recording.dataset.state = leg.recording;
    say(cells.listeners, leg.listeners.join(", "));
    const label = `${cells.party.textContent} ${leg.number}`;
    for (const name of ["says", "hears"]) row.meters[name].meter.setAttribute("aria-label", `${label} ${word(name)}`);
    const hearing = leg.listeners.includes(me);
    const recorded = leg.recording !== "none";
    press(buttons.listen, word(hearing ? "stopListening" : "listen"), hearing, label, served || hearing);
    press(buttons.record, word(recorded ? "stopRecord" : "record"), recorded, label, served);
    for (const button of Object.values(buttons)) button.hidden = leg.role === "supervisor";
  }

  #measure(row) {
    const [said, heard] = row.level ?? [null, null];
    show(row.meters.says, said);
    show(row.meters.hears, heard);
  }

  #came(entries) {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) {
        this.#seen.delete(target);
        continue;
      }
      this.#seen.add(target);
      const row = this.#rows.get(target.dataset.leg);
      if (!row?.leg) continue;
      this.#measure(row);
      say(row.cells.duration, age(row.leg.began_at));
    }
  }

  /** Arrow keys go from button to button; Tab goes to the table and out of it. */
  #move(event) {
    const button = event.target;
    if (button.tagName !== "BUTTON") return;
    const alike = () => this.#buttons(button.className);
    const to = {
      ArrowDown: () => alike()[alike().indexOf(button) + 1],
      ArrowUp: () => alike()[alike().indexOf(button) - 1],
      ArrowRight: () => button.nextElementSibling,
      ArrowLeft: () => button.previousElementSibling,
      Home: () => alike()[0],
      End: () => alike().at(-1),
    }[event.key];
    if (!to) return;
    event.preventDefault();
    to()?.focus();
  }

  /** Those that there are, from the top; supervisors' own legs have none. */
  #buttons(name) {
    return [...this.#body.querySelectorAll(`button.${name}:not([hidden])`)];
  }

  /** Where the focus goes if its row is not among those that stay: the next like it, or the one before. */
  #refuge(stay) {
    const button = document.activeElement;
    if (!this.#body.contains(button) || stay.has(button.closest("tr").dataset.leg)) return null;
    const alike = this.#buttons(button.className);
    const place = alike.indexOf(button);
    const nearest = [...alike.slice(place + 1), ...alike.slice(0, place).reverse()];
    return nearest.find((one) => stay.has(one.closest("tr").dataset.leg));
  }

  /** Tab comes to this row. */
  #reach(line) {
    if (!line) return;
    for (const button of this.#body.querySelectorAll("[tabindex='0']")) button.tabIndex = -1;
    for (const button of line.querySelectorAll("button")) button.tabIndex = 0;
  }
}

function inOrder(one, other) {
  return (
    one.began_at.localeCompare(other.began_at) ||
    one.contact_id.localeCompare(other.contact_id) ||
    ROLES.indexOf(one.role) - ROLES.indexOf(other.role) ||
    one.leg_id.localeCompare(other.leg_id)
  );
}

function quality({ loss, jitter_ms, mos }) {
  const known = (value, said) => (value === null || value === undefined ? "–" : said(value));
  return `${known(loss, (x) => `${(100 * x).toFixed(1)} %`)} / ${known(jitter_ms, (x) => `${x.toFixed(0)} ms`)} / ${known(mos, (x) => x.toFixed(1))}`;
}

function press(button, text, pressed, label, enabled) {
  say(button, text);
  button.setAttribute("aria-pressed", String(pressed));
  button.setAttribute("aria-label", `${text}: ${label}`);
  button.setAttribute("aria-disabled", String(!enabled)); // which can be reached, and so passed
}

function show({ meter, number }, level) {
  const known = level !== null && level !== undefined;
  meter.hidden = !known;
  if (known) meter.value = Math.max(QUIETEST, level);
  say(number, known ? (level <= QUIETEST ? word("silent") : `${level} ${word("decibels")}`) : word("noLevel"));
}

/** Nothing is laid out again for a text that is there. */
function say(place, text) {
  if (place.textContent !== text) place.textContent = text;
}
