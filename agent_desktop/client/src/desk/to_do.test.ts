import { describe, expect, it } from "vitest";
import type { Delta } from "../server/told";
import { changedBy } from "./to_do";

const told = (data: object) => data as Delta["data"];

describe("what there is to do is read again", () => {
  it("of a call when it is over, and not with each of its steps", () => {
    const steps = ["offer.accepted", "offer.ended", "interaction.started", "agent.state_changed"];
    expect(steps.flatMap((event) => changedBy(told({ event }), true))).toEqual([]);
    expect(changedBy(told({ event: "contact.offered", channel: "voice" }), false)).toEqual([]);
    expect(changedBy(told({ event: "interaction.ended" }), true)).toEqual(["owed"]);
  });

  it("of another channel with whatever brings it, takes it or ends it", () => {
    expect(changedBy(told({ event: "contact.offered", channel: "sms" }), false)).toEqual(["work"]);
    for (const event of ["offer.accepted", "offer.ended", "interaction.started"])
      expect(changedBy(told({ event }), false)).toEqual(["work"]);
    expect(changedBy(told({ event: "interaction.ended" }), false)).toEqual(["work", "owed"]);
  });

  it("of a record its own list alone", () => {
    const after = (record: string) => changedBy(told({ event: "record.changed", record }), false);
    expect(["task", "ticket", "disposition", "customer"].map(after)).toEqual([
      ["tasks"],
      ["tickets"],
      ["owed"],
      [],
    ]);
    expect(changedBy(told({ event: "call_back.promised" }), false)).toEqual(["call-backs"]);
  });
});
