/** A type of tickets as it is designed, and the definition that it is kept as. Pure. */

import type { Schema } from "../../parts/json_form";
import { type Keyed, newKey } from "../../parts/keyed";
import { type Labels, NO_LABELS } from "../../parts/labels";
import type { Schemas } from "../../server/rest";
import { type FormDesign, designOf as formDesignOf, schemaOf } from "../forms/design";
import { type Condition, keptCondition, kindsIn, typedCondition } from "./conditions";

export type Definition = Schemas["TicketTypeView"]["definition"];
export type Target = Schemas["crm__ticket_types__Target"];
export type Escalation = Schemas["Escalation"];
export type Who = Schemas["Step"]["who"];
export type Pace = NonNullable<Schemas["State"]["pace"]>;
export type Priority = NonNullable<Target["priority"]>;

export const PRIORITIES: readonly Priority[] = ["low", "normal", "high", "urgent"];
export const PACES: readonly Pace[] = ["runs", "paused", "stopped"];
export const CLOCKS = ["response", "resolution"] as const;
/** What is said of a field repair. */
export const REPORTS = [
  ...(["sent", "accepted", "en_route", "working", "done", "failed", "refused", "cancelled"] as const),
];
export const NO_FORM: Schema = { type: "object" };

/** What refers to a state goes by its key: so it can be renamed. */
export interface StateDesign extends Keyed {
  name: string;
  labels: Labels;
  pace: Pace;
  responded: boolean;
  ends: boolean;
  /** To where a ticket may be moved from here. */
  moves: number[];
}

export interface StepDesign extends Keyed {
  name: string;
  labels: Labels;
  who: Who;
  when: Condition[];
  /** In minutes of opening hours, as the targets are. */
  due: number | null;
  remind: number | null;
  then_to: Who | null;
}

export interface TypeDesign {
  labels: Labels;
  prefix: string;
  queue: string | null;
  team: string | null;
  risk: boolean;
  needs_reason: boolean;
  needs_cause: boolean;
  /** How often a complainant is called in vain; null: nobody has to be called. */
  attempts: number | null;
  states: StateDesign[];
  initial: number | null;
  targets: Target[];
  escalation: Escalation[];
  /** Where reports of a field repair move it; null: crews are not sent. */
  repair: Record<string, number> | null;
  steps: StepDesign[];
  form: FormDesign;
}

export function newState(): StateDesign {
  return {
    key: newKey(),
    name: "",
    labels: NO_LABELS,
    pace: "runs",
    responded: true,
    ends: false,
    moves: [],
  };
}

export function newStep(): StepDesign {
  return {
    key: newKey(),
    name: "",
    labels: NO_LABELS,
    who: { rule: "owner" },
    when: [],
    due: null,
    remind: null,
    then_to: null,
  };
}

/** With the three states that hardly any can do without. */
export function newType(): TypeDesign {
  const begun: Definition = {
    labels: NO_LABELS,
    prefix: "",
    flow: {
      initial: "new",
      states: {
        new: { labels: { zh: "新建", en: "New" } },
        in_progress: { labels: { zh: "处理中", en: "In progress" }, responded: true },
        closed: { labels: { zh: "已关闭", en: "Closed" }, pace: "stopped", ends: true },
      },
      moves: { new: ["in_progress", "closed"], in_progress: ["closed"], closed: ["in_progress"] },
    },
  };
  return typeDesignOf({ ...begun, form: { ...NO_FORM, additionalProperties: false } });
}

export function typeDesignOf(kept: Definition): TypeDesign {
  const { initial, states, moves } = kept.flow;
  const keys = Object.fromEntries(Object.keys(states).map((name) => [name, newKey()]));
  const keyOf = (name: string) => keys[name]!; // every name in it is one of its states
  const reported = Object.entries(kept.dispatch?.moves ?? {});
  return {
    labels: kept.labels,
    prefix: kept.prefix,
    queue: kept.queue ?? null,
    team: kept.team ?? null,
    risk: kept.risk ?? false,
    needs_reason: kept.needs_reason ?? false,
    needs_cause: kept.needs_cause ?? false,
    attempts: kept.call_back ? (kept.call_back.attempts ?? 3) : null,
    states: Object.entries(states).map(([name, { labels, pace, responded, ends }]) => ({
      key: keyOf(name),
      name,
      labels,
      pace: pace ?? "runs",
      responded: responded ?? false,
      ends: ends ?? false,
      moves: (moves[name] ?? []).map(keyOf),
    })),
    initial: keyOf(initial),
    targets: [...(kept.targets ?? [])],
    escalation: [...(kept.escalation ?? [])],
    repair: kept.dispatch ? Object.fromEntries(reported.map(([on, to]) => [on, keyOf(to)])) : null,
    steps: (kept.workflow ?? []).map(({ name, labels, who, when, due, remind, then_to }) => ({
      key: newKey(),
      name,
      labels,
      who,
      when: (when ?? []).map(typedCondition),
      due: due ?? null,
      remind: remind ?? null,
      then_to: then_to ?? null,
    })),
    form: formDesignOf((kept.form ?? NO_FORM) as Schema),
  };
}

export function definitionOf(design: TypeDesign): Definition {
  const { labels, prefix, queue, team, risk, needs_reason, needs_cause, states, repair } = design;
  const names = new Map(states.map(({ key, name }) => [key, name]));
  const known = (keys: readonly number[]) => keys.flatMap((key) => names.get(key) ?? []);
  const kinds = kindsIn(design.form);
  return {
    labels,
    prefix,
    queue,
    team,
    risk,
    needs_reason,
    needs_cause,
    call_back: design.attempts === null ? null : { attempts: design.attempts },
    flow: {
      initial: names.get(design.initial ?? Number.NaN) ?? "",
      states: Object.fromEntries(
        states.map(({ name, labels, pace, responded, ends }) => [name, { labels, pace, responded, ends }]),
      ),
      moves: Object.fromEntries(states.map(({ name, moves }) => [name, known(moves)])),
    },
    targets: design.targets,
    escalation: design.escalation,
    dispatch: repair && {
      moves: Object.fromEntries(
        Object.entries(repair).flatMap(([on, to]) => known([to]).map((name) => [on, name])),
      ),
    },
    workflow: design.steps.map(({ key: _, when, ...step }) => ({
      ...step,
      when: when.map((one) => keptCondition(one, kinds)),
    })),
    form: schemaOf(design.form) as Definition["form"],
  };
}
