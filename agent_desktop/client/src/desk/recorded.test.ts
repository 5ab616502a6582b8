import { describe, expect, it } from "vitest";
import type { Delta } from "../server/told";
import { Recorded } from "./recorded";

describe("whether a call is recorded", () => {
  it("is what the agent was told last, until their part in it is over", () => {
    const recorded = new Recorded();
    const events = ["started", "masked", "unmasked"].map((name) => `recording.${name}`);
    const told = [...events, "interaction.ended", "recording.unmasked"].map((event) => {
      recorded.hear({ data: { event, contact_id: "c" } } as unknown as Delta);
      return recorded.of("c");
    });
    expect(told).toEqual(["on", "masked", "on", null, null]);
    expect(recorded.of("another")).toBeNull();
  });
});
