import { describe, expect, it } from "vitest";
import type { Delta, Snapshot, Told } from "../server/told";
import { type Agent, begun, type FloorState, lost, NOTHING, restaffed, told } from "./floor_state";
import { merged } from "./merge";

const AT = "2026-11-02T08:00:00Z";

function agent(id: string, more: Partial<Agent> = {}): Agent {
  const calm = { state: "ready", since: AT, reason: null, next_state: null, next_reason: null };
  const idle = { contact_id: null, beside: [], skills: {}, unfit: [], open_work: 0, wrap_up_until: null };
  return { id, name: id, number: "8000", ...calm, ...idle, ...more } as Agent;
}

function snapshot(...agents: Agent[]): Snapshot {
  return { type: "snapshot", sequence: 1, agent: { id: "boss" }, agents } as unknown as Snapshot;
}

const delta = (data: object): Told =>
  ({ type: "delta", sequence: 2, at: AT, data, pop: null }) as unknown as Delta;
const folded = (state: FloorState, ...messages: Told[]) => messages.reduce(told, state);
const floor = (...agents: Agent[]) => begun(NOTHING, snapshot(...agents));

describe("a merge patch", () => {
  it("does what RFC 7396 says", () => {
    expect(merged({ a: "b", c: { d: "e", f: "g" } }, { a: "z", c: { f: null } })).toEqual({
      a: "z",
      c: { d: "e" },
    });
    expect(merged({ a: [1, 2] }, { a: [3] })).toEqual({ a: [3] });
    expect(merged({}, { a: { bb: { ccc: null } } })).toEqual({ a: { bb: {} } });
  });

  it("leaves alone what it does not name, and what it was given", () => {
    const before = { one: { x: 1 }, other: { x: 1 } };
    const after = merged(before, { one: { x: 2 } });
    expect(after.other).toBe(before.other);
    expect(before.one.x).toBe(1);
  });
});

describe("the floor", () => {
  it("follows an agent from call to call, and touches nobody else", () => {
    const before = floor(agent("li", { next_state: "not_ready" }), agent("wang"));
    const changed = {
      event: "agent.state_changed",
      agent_id: "li",
      since: AT,
      reason: null,
      chosen_by: null,
    };
    const talking = told(before, delta({ ...changed, state: "talking", contact_id: "c1" }));
    expect(talking.agents.li).toMatchObject({ state: "talking", contact_id: "c1", next_state: "not_ready" });
    expect(talking.agents.wang).toBe(before.agents.wang);
    const away = told(talking, delta({ ...changed, state: "not_ready", reason: "lunch", contact_id: null }));
    expect(away.agents.li).toMatchObject({ reason: "lunch", contact_id: null, next_state: null });
  });

  it("keeps what was told while the agents were read, of whom the answer may be older", () => {
    const before = floor(agent("li"), agent("wang"));
    const talks = { event: "agent.state_changed", agent_id: "li", since: AT, reason: null, chosen_by: null };
    const news = delta({ ...talks, state: "talking", contact_id: "c1" });
    const hired = delta({ event: "record.changed", record: "agent", record_id: "x", action: "created" });
    const now = restaffed(
      folded(before, news, hired),
      [agent("li", { name: "Li the Second" }), agent("new")],
      [news, hired],
    );
    expect(now.agents.li).toMatchObject({ name: "Li the Second", state: "talking", contact_id: "c1" });
    expect(Object.keys(now.agents)).toEqual(["li", "new"]);
    expect(now.staff).toBe(before.staff + 1); // it is not read once more for what has been read
  });

  it("hears twice what the snapshot knew, and is the same", () => {
    const chat = {
      event: "interaction.started",
      agent_id: "li",
      contact_id: "c2",
      channel: "chat",
      queue: "web",
    };
    const once = told(floor(agent("li")), delta(chat));
    expect(told(once, delta(chat)).agents).toEqual(once.agents);
    const over = delta({ event: "interaction.ended", agent_id: "li", contact_id: "c2" });
    const ended = told(once, over);
    expect(ended.agents.li?.beside).toEqual([]);
    expect(told(ended, over)).toBe(ended);
  });

  it("reads again whom it does not know", () => {
    const state = told(floor(), delta({ event: "agent.fitness_changed", agent_id: "new", unfit: [] }));
    expect(state.staff).toBe(1);
    expect(state.agents).toEqual({});
  });

  it("takes all anew after a gap", () => {
    const before = folded(floor(agent("li"), agent("gone")), {
      type: "waiting",
      queues: { desk: { queue: "desk", waiting: 1, offered: 0, contacts: { c1: {} } } },
    } as unknown as Told);
    const down = lost(before);
    expect(down.link).toBe("down");
    expect(down.waiting).toBe(before.waiting); // the last that is known stays on the page
    const again = folded(begun(down, snapshot(agent("li"))), {
      type: "waiting",
      queues: {},
    } as unknown as Told);
    expect(Object.keys(again.agents)).toEqual(["li"]);
    expect(again.waiting).toEqual({});
    expect(again.link).toBe("up");
  });

  it("lets go who waits no more", () => {
    const shown = { queue: "desk", waiting: 2, offered: 0, contacts: { c1: { place: 1 }, c2: { place: 2 } } };
    const state = folded(
      NOTHING,
      { type: "waiting", queues: { desk: shown } } as unknown as Told,
      {
        type: "waiting.changed",
        patch: { desk: { waiting: 1, contacts: { c1: null, c2: { place: 1 } } } },
      } as unknown as Told,
    );
    expect(state.waiting.desk).toEqual({ ...shown, waiting: 1, contacts: { c2: { place: 1 } } });
  });

  it("has the alerts that are open, each as it was told last", () => {
    const alert = { id: "a1", kind: "complaint", acknowledged_by: null };
    const other = { ...alert, id: "a2" };
    const shown = folded(NOTHING, { type: "alerts", alerts: { a1: alert, a2: other } } as unknown as Told);
    const seen = { ...alert, acknowledged_by: "boss" };
    const after = folded(shown, {
      type: "alerts.changed",
      alerts: { a1: seen, a2: null },
    } as unknown as Told);
    expect(after.alerts).toEqual({ a1: seen });
  });

  it("does not patch figures that it never had", () => {
    expect(
      told(NOTHING, { type: "figures.changed", sequence: 1, at: AT, patch: {} } as unknown as Told),
    ).toBe(NOTHING);
  });
});
