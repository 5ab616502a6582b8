import { describe, expect, it } from "vitest";
import { type AgentNow, agentAfter } from "./agent_now";

const AT = "2026-11-21T09:00:00Z";
const LI: AgentNow = { id: "li", state: "talking", since: AT, next_state: "not_ready", next_reason: "lunch" };
const becomes = (state: string, reason: string | null = null) =>
  ({
    event: "agent.state_changed",
    agent_id: "li",
    state,
    since: AT,
    reason,
    contact_id: null,
    chosen_by: null,
  }) as const;
const WRAP_UP = {
  interaction_id: "i1",
  contact_id: "k1",
  queue: "sales",
  until: AT,
  ends_at: AT,
  extendable_until: AT,
  owes_disposition: true,
};

describe("the agent at the desk", () => {
  it("keeps what comes next while they are busy, and has nothing next when they are not", () => {
    const wrappingUp = agentAfter(LI, becomes("wrap_up"));
    expect(wrappingUp).toMatchObject({ state: "wrap_up", next_state: "not_ready", next_reason: "lunch" });
    expect(agentAfter(wrappingUp, becomes("not_ready", "lunch"))).toMatchObject({
      state: "not_ready",
      reason: "lunch",
      next_state: null,
      next_reason: null,
    });
  });

  it("has a wrap-up until it is over", () => {
    const told = agentAfter(agentAfter(LI, becomes("wrap_up")), {
      event: "agent.wrap_up_changed",
      agent_id: "li",
      ...WRAP_UP,
    });
    expect(told.wrap_up).toEqual(WRAP_UP);
    expect(agentAfter(told, becomes("ready")).wrap_up).toBeNull();
  });

  it("is the same after what is about something else", () => {
    expect(agentAfter(LI, { event: "read_out.ended" } as never)).toBe(LI);
  });
});
