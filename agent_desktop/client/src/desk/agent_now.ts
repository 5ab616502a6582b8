/** The agent as their desk knows them, and what becomes of that with what happens. */

import type { Schemas } from "../server/rest";
import type { Delta } from "../server/told";

export type AgentNow = Partial<Schemas["AgentView"]> & { id: string };
export type WrapUp = Schemas["WrapUpView"];

const BUSY = ["ringing", "talking", "wrap_up"];

/** The agent after it; the same object where it is about something else. */
export function agentAfter(agent: AgentNow, data: Delta["data"]): AgentNow {
  switch (data.event) {
    case "agent.state_changed": {
      const { state, since, reason, contact_id } = data;
      return {
        ...agent,
        state: state as AgentNow["state"],
        since,
        reason,
        contact_id,
        wrap_up: state === "wrap_up" ? agent.wrap_up : null,
        ...(BUSY.includes(state) ? {} : { next_state: null, next_reason: null }),
      };
    }
    case "agent.next_chosen":
      return { ...agent, next_state: data.state as AgentNow["next_state"], next_reason: data.reason };
    case "agent.wrap_up_changed": {
      const { event: _, agent_id: __, ...wrapUp } = data;
      return { ...agent, wrap_up: wrapUp };
    }
    case "agent.fitness_changed":
      return { ...agent, unfit: data.unfit };
    default:
      return agent;
  }
}
