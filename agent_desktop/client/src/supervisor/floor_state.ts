/**
 * The floor as the server has told it so far: who works there, the figures, who waits, whose voice goes
 * where. Pure: each message makes a new state, in which whatever it does not speak of is the same object
 * as before, so that only those rows are drawn again of which something was told.
 *
 * After a gap all of it comes anew; a delta that the snapshot knew of already changes nothing.
 */

import type { Schemas } from "../server/rest";
import type { Delta, Snapshot, Told } from "../server/told";
import { merged } from "./merge";

export type Agent = Schemas["AgentView"];
export type QueueFigures = Schemas["QueueFigures"];
export type AgentFigures = Schemas["AgentFigures"];
export type CentreFigures = Schemas["CentreFigures"];
export type Leg = Omit<Schemas["ChannelNow"], "said" | "heard">;
export type Alert = Schemas["AlertView"];
export type Waiting = Schemas["WaitingContactView"];

export interface Figures {
  day: string;
  interval_from: string;
  agents: Record<string, AgentFigures>;
  queues: Record<string, QueueFigures>;
  centre: CentreFigures;
}

export interface QueueLine {
  queue: string;
  waiting: number;
  offered: number;
  /** The first of them, by contact. */
  contacts: Record<string, Waiting>;
}

export interface FloorState {
  link: "up" | "down";
  me: string;
  agents: Record<string, Agent>;
  figures: Figures | null;
  waiting: Record<string, QueueLine>;
  legs: Record<string, Leg>;
  /** Those that are open. */
  alerts: Record<string, Alert>;
  /** Grows when something is announced to callers, or no more: it is read again. */
  broadcasts: number;
  /** Grows when somebody was hired, renamed or changed: the agents are read again. */
  staff: number;
}

export const NOTHING: FloorState = {
  link: "down",
  me: "",
  agents: {},
  figures: null,
  waiting: {},
  legs: {},
  alerts: {},
  broadcasts: 0,
  staff: 0,
};

const BUSY = ["ringing", "talking", "wrap_up"];

/** The stream has come up: everybody as they are now; figures and the rest follow. */
export function begun(state: FloorState, snapshot: Snapshot): FloorState {
  const agents = byId((snapshot.agents ?? []) as unknown as Agent[]);
  return { ...state, link: "up", me: String(snapshot.agent.id ?? ""), agents };
}

export function byId(agents: readonly Agent[]): Record<string, Agent> {
  return Object.fromEntries(agents.map((agent) => [agent.id, agent]));
}

/**
 * Everybody as they were read, and what was told `meanwhile`: it may be older or newer than what was read,
 * but the last of it is how things are.
 */
export function restaffed(
  state: FloorState,
  agents: readonly Agent[],
  meanwhile: readonly Told[],
): FloorState {
  const read = { ...state, agents: byId(agents) };
  return { ...state, agents: meanwhile.reduce(told, read).agents };
}

export function lost(state: FloorState): FloorState {
  return { ...state, link: "down" };
}

/** What is told after the snapshot. Levels are no part of the state. */
export function told(state: FloorState, message: Told): FloorState {
  switch (message.type) {
    case "delta":
      return happened(state, message);
    case "figures":
      return { ...state, figures: message.figures as unknown as Figures };
    case "figures.changed":
      return state.figures ? { ...state, figures: merged(state.figures, message.patch) } : state;
    case "waiting":
      return { ...state, waiting: message.queues as unknown as Record<string, QueueLine> };
    case "waiting.changed":
      return { ...state, waiting: merged(state.waiting, message.patch) };
    case "channels":
      return { ...state, legs: message.channels as unknown as Record<string, Leg> };
    case "channels.changed":
      return { ...state, legs: merged(state.legs, message.patch) };
    case "alerts":
      return { ...state, alerts: message.alerts as unknown as Record<string, Alert> };
    case "alerts.changed":
      return {
        ...state,
        alerts: replaced(state.alerts, message.alerts as unknown as Record<string, Alert | null>),
      };
    default:
      return state;
  }
}

/** Each as it is told now, whole; null: it is no longer there. */
function replaced<T>(before: Record<string, T>, news: Record<string, T | null>): Record<string, T> {
  const after = { ...before };
  for (const [id, one] of Object.entries(news)) {
    if (one === null) delete after[id];
    else after[id] = one;
  }
  return after;
}

function happened(state: FloorState, { at, data }: Delta): FloorState {
  switch (data.event) {
    case "agent.state_changed": {
      const { state: name, since, reason, contact_id } = data;
      const over = BUSY.includes(name) ? {} : { next_state: null, next_reason: null };
      const now = { state: name, since, reason: reason ?? null, contact_id: contact_id ?? null };
      return withAgent(state, data.agent_id, () => ({ ...now, ...over }));
    }
    case "agent.next_chosen": {
      const next = { next_state: data.state, next_reason: data.reason ?? null };
      return withAgent(state, data.agent_id, () => next);
    }
    case "agent.fitness_changed":
      return withAgent(state, data.agent_id, () => ({ unfit: data.unfit }));
    case "interaction.started": {
      const { contact_id, channel, queue } = data;
      if (!channel || channel === "voice") return state;
      const held = { contact_id, channel, queue, since: at };
      return withAgent(state, data.agent_id, ({ beside }) => ({
        beside: [...without(beside, contact_id), held],
      }));
    }
    case "interaction.ended":
      return withAgent(state, data.agent_id, ({ beside }) =>
        beside.some((one) => one.contact_id === data.contact_id)
          ? { beside: without(beside, data.contact_id) }
          : null,
      );
    case "record.changed":
      if (data.record === "agent") return { ...state, staff: state.staff + 1 };
      return data.record === "broadcast" ? { ...state, broadcasts: state.broadcasts + 1 } : state;
    default:
      return state;
  }
}

function without<T extends { contact_id: string }>(some: readonly T[], contact: string): T[] {
  return some.filter((one) => one.contact_id !== contact);
}

/** With what is new of an agent; null: nothing is. One who is not known is read with the others. */
function withAgent(state: FloorState, id: string, news: (agent: Agent) => Partial<Agent> | null): FloorState {
  const agent = state.agents[id];
  if (!agent) return { ...state, staff: state.staff + 1 };
  const changed = news(agent);
  return changed ? { ...state, agents: { ...state.agents, [id]: { ...agent, ...changed } } } : state;
}
