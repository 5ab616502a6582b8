import { describe, expect, it } from "vitest";
import { askedBy, type Elsewhere, givenOf, NOTHING_OUTSIDE, valuesOf } from "./outside";

const elsewhere = (kind: Elsewhere["kind"], name: string, outcome: Elsewhere["outcome"], told = "") => ({
  kind,
  name,
  outcome,
  told,
});

describe("valuesOf", () => {
  it("takes numbers and truths as such, and a telephone number as it is written", () => {
    expect(valuesOf("name: 王芳\nbalance: 12.5\nvip: true\nphone: 013800138000\n\nno value")).toEqual({
      name: "王芳",
      balance: 12.5,
      vip: true,
      phone: "013800138000",
    });
  });
});

describe("givenOf", () => {
  it("says nothing of what was not typed", () => {
    const given = givenOf({ ...NOTHING_OUTSIDE, caller: "" });
    expect(given).toMatchObject({
      variables: {},
      customer: null,
      call_back: null,
      requests: {},
      tickets: {},
    });
  });

  it("has one answer for each time that somebody is asked", () => {
    const given = givenOf({
      ...NOTHING_OUTSIDE,
      dialled: "1000",
      callBack: "no",
      elsewhere: [
        elsewhere("requests", "crm.balance", "failed"),
        elsewhere("requests", "crm.balance", "answered", "amount: 5"),
        elsewhere("look_ups", "orders", "nothing"),
        elsewhere("tickets", "complaint", "answered", " T-7 "),
        elsewhere("tickets", "fault", "refused"),
        elsewhere("faxes", "101", "nothing"),
        elsewhere("requests", " ", "failed"),
      ],
    });
    expect(given.variables).toEqual({ caller_number: "13800138000", dialled_number: "1000" });
    expect(given.call_back).toBe(false);
    expect(given.requests).toEqual({ "crm.balance": [{ failed: true }, { answer: { amount: 5 } }] });
    expect(given.look_ups).toEqual({ orders: [{ none: true }] });
    expect(given.tickets).toEqual({ complaint: "T-7", fault: false });
    expect(given.faxes).toEqual({ "101": [{ refused: "unknown" }] });
  });
});

describe("askedBy", () => {
  it("finds in the server's words whom the flow asked", () => {
    expect(askedBy("given.requests does not say what 'crm.balance' says the first time")).toEqual({
      kind: "requests",
      name: "crm.balance",
    });
    expect(askedBy("given.tickets does not say which number a 'complaint' gets")).toEqual({
      kind: "tickets",
      name: "complaint",
    });
    expect(askedBy("given.call_back does not say whether one can be promised")).toBeNull();
  });
});
