/** How things stand outside a flow while it is tried out, as it is typed; and as the server takes it. */

import type { Schemas } from "../../server/rest";

export type Given = Schemas["Given"];

/** Whom a flow asks outside, and what they would say. */
export interface Elsewhere {
  kind: "requests" | "look_ups" | "tickets" | "faxes";
  /** Of the operation, the query, the ticket's type or the document. */
  name: string;
  outcome: Outcome;
  /** Lines of "name: value"; a ticket's number or a document's title stands alone. */
  told: string;
}

export type Outcome = "answered" | "nothing" | "refused" | "failed";

/** What each of them can say, as the flow's author knows it. */
export const OUTCOMES: Record<Elsewhere["kind"], readonly Outcome[]> = {
  requests: ["answered", "refused", "failed"],
  look_ups: ["answered", "nothing", "failed"],
  tickets: ["answered", "refused"],
  faxes: ["answered", "nothing", "failed"],
};

export interface Outside {
  caller: string;
  dialled: string;
  /** By the calendar's id, whether it is open. */
  calendars: Record<string, boolean>;
  /** Lines of "name: value"; nobody is known without any. */
  customer: string;
  callBack: "" | "yes" | "no";
  isDiskFull: boolean;
  elsewhere: readonly Elsewhere[];
}

export const NOTHING_OUTSIDE: Outside = {
  caller: "13800138000",
  dialled: "",
  calendars: {},
  customer: "",
  callBack: "",
  isDiskFull: false,
  elsewhere: [],
};

export function givenOf(outside: Outside): Given {
  const { caller, dialled, calendars, customer, callBack, isDiskFull, elsewhere } = outside;
  const of = (kind: Elsewhere["kind"]) => elsewhere.filter((each) => each.kind === kind && each.name.trim());
  return {
    variables: { ...(caller && { caller_number: caller }), ...(dialled && { dialled_number: dialled }) },
    calendars,
    customer: customer.trim() ? valuesOf(customer) : null,
    call_back: callBack ? callBack === "yes" : null,
    disk_full: isDiskFull,
    requests: grouped(of("requests"), ({ outcome, told }) =>
      outcome === "answered" ? { answer: valuesOf(told) } : { [outcome]: true },
    ),
    look_ups: grouped(of("look_ups"), ({ outcome, told }) => {
      if (outcome === "answered") return { row: valuesOf(told) };
      return outcome === "nothing" ? { none: true } : { failed: true };
    }),
    tickets: Object.fromEntries(
      of("tickets").map(({ name, outcome, told }) => [
        name.trim(),
        outcome === "answered" ? told.trim() : false,
      ]),
    ),
    faxes: grouped(of("faxes"), ({ outcome, told }) => {
      if (outcome === "answered") return { title: told.trim() };
      return { refused: outcome === "nothing" ? ("unknown" as const) : ("failed" as const) };
    }),
  };
}

/** One for each time that it is asked, in their order. */
function grouped<T>(all: readonly Elsewhere[], said: (one: Elsewhere) => T): Record<string, T[]> {
  const found: Record<string, T[]> = {};
  for (const one of all) {
    const name = one.name.trim();
    found[name] = [...(found[name] ?? []), said(one)];
  }
  return found;
}

/** Lines of "name: value", numbers and truths as such. */
export function valuesOf(lines: string): Record<string, string | number | boolean> {
  const found: Record<string, string | number | boolean> = {};
  for (const line of lines.split("\n")) {
    const [, name, value] = /^\s*([^:]+?)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) found[name] = meant(value);
  }
  return found;
}

function meant(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return /^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** Whom the flow asked, where the server says that nothing is given for it. */
export function askedBy(missing: string): Pick<Elsewhere, "kind" | "name"> | null {
  const [, kind, name] =
    /^given\.(requests|look_ups|tickets|faxes) does not say .*'([^']+)'/.exec(missing) ?? [];
  return kind && name ? { kind: kind as Elsewhere["kind"], name } : null;
}
