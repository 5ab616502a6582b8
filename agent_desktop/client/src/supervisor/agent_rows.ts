/** The rows of the agent grid: who is shown, and what stands beside them. Pure. */

import type { Agent, AgentFigures, FloorState, Leg } from "./floor_state";

export interface AgentRow {
  agent: Agent;
  figures: AgentFigures | undefined;
  /** Theirs in the call at hand. */
  leg: Leg | undefined;
}

export interface Wanted {
  text: string;
  /** Empty: any. */
  state: string;
  /** Empty: any. */
  team: string;
}

export function agentRows({ agents, figures, legs }: FloorState): AgentRow[] {
  const theirs = new Map<string, Leg>();
  for (const leg of Object.values(legs)) if (leg.role === "agent" && leg.party) theirs.set(leg.party, leg);
  return Object.values(agents).map((agent) => ({
    agent,
    figures: figures?.agents[agent.id],
    leg: theirs.get(agent.id),
  }));
}

/** Of those who are there, in order. */
export function teamsOf(rows: readonly AgentRow[]): string[] {
  return [...new Set(rows.flatMap(({ agent }) => agent.team ?? []))].sort();
}

export function isWanted({ agent, leg }: AgentRow, { text, state, team }: Wanted): boolean {
  if (state && agent.state !== state) return false;
  if (team && agent.team !== team) return false;
  const sought = text.trim().toLowerCase();
  const where = [agent.id, agent.name, agent.number, leg?.queue, ...agent.beside.map(({ queue }) => queue)];
  return !sought || where.some((one) => one?.toLowerCase().includes(sought));
}

/** Those first with whom something is going on. */
export const STATES = ["talking", "ringing", "wrap_up", "ready", "not_ready", "logged_out"] as const;

export function rank(state: string): number {
  const place = (STATES as readonly string[]).indexOf(state);
  return place < 0 ? STATES.length : place;
}
