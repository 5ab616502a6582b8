import { describe, expect, it } from "vitest";
import { type AgentRow, agentRows, isWanted, teamsOf } from "./agent_rows";
import { type Agent, NOTHING } from "./floor_state";

function rowsOf(...teams: (string | null)[]): AgentRow[] {
  const agents = teams.map((team, place) => {
    return { id: `a${place}`, name: "", number: "", team, state: "ready", beside: [] } as unknown as Agent;
  });
  return agentRows({ ...NOTHING, agents: Object.fromEntries(agents.map((one) => [one.id, one])) });
}

describe("the agent grid", () => {
  const anybody = { text: "", state: "", team: "" };

  it("shows a team by itself, and everybody else where none is chosen", () => {
    const rows = rowsOf("north", "south", null, "north");
    const shown = (team: string) =>
      rows.filter((row) => isWanted(row, { ...anybody, team })).map(({ agent }) => agent.id);
    expect(shown("north")).toEqual(["a0", "a3"]);
    expect(shown("")).toHaveLength(4);
    expect(shown("gone")).toEqual([]);
  });

  it("offers each team once, in order", () => {
    expect(teamsOf(rowsOf("south", null, "north", "south"))).toEqual(["north", "south"]);
  });
});
