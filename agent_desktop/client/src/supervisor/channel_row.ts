/** One row of the channel map, as elements of the page. */

import type { Level } from "./floor";
import type { Leg } from "./floor_state";

const CELLS = [
  ...["party", "number", "queue", "state", "duration", "says", "hears"],
  ...["codec", "quality", "recording", "listeners", "actions"],
] as const;
const SCALE = { min: -60, max: 0, low: -45, high: -6, optimum: -20, value: -60 }; // dBFS

export const VERBS = ["listen", "record"] as const;
export type Verb = (typeof VERBS)[number];
export type Cell =
  | ("party" | "number" | "queue" | "state" | "duration" | "says" | "hears")
  | ("codec" | "quality" | "recording" | "listeners" | "actions");

interface Meter {
  meter: HTMLMeterElement;
  number: HTMLElement;
}

export interface Row {
  line: HTMLTableRowElement;
  cells: Record<Cell, HTMLElement>;
  meters: Record<"says" | "hears", Meter>;
  buttons: Record<Verb, HTMLButtonElement>;
  leg: Leg;
  level: Level | undefined;
  /** What else the words in it depend on. */
  drawnFor: string;
}

export function emptyRow(leg: Leg): Row {
  const line = document.createElement("tr");
  line.dataset.leg = leg.leg_id;
  const cells = {} as Row["cells"];
  for (const name of CELLS as readonly Cell[]) {
    const cell = document.createElement(name === "party" ? "th" : "td");
    if (name === "party") cell.setAttribute("scope", "row");
    cell.className = name;
    cells[name] = cell;
    line.append(cell);
  }
  const meters = { says: meterIn(cells.says, "says"), hears: meterIn(cells.hears, "hears") };
  const buttons = { listen: buttonIn(cells.actions, "listen"), record: buttonIn(cells.actions, "record") };
  return { line, cells, meters, buttons, leg, level: undefined, drawnFor: "" };
}

function meterIn(cell: HTMLElement, name: string): Meter {
  const meter = Object.assign(document.createElement("meter"), SCALE, { className: name });
  const number = Object.assign(document.createElement("span"), { className: "decibels" });
  cell.append(meter, " ", number);
  return { meter, number };
}

function buttonIn(cell: HTMLElement, name: Verb): HTMLButtonElement {
  const properties = { type: "button", className: name, tabIndex: -1 } as const;
  const button = Object.assign(document.createElement("button"), properties);
  cell.append(button);
  return button;
}
