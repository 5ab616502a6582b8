import { describe, expect, it } from "vitest";
import { lineOf } from "./timeline_lines";

describe("the line of a timeline's entry", () => {
  it("has what a colleague noted", () => {
    const data = { title: "", text: "Was at home", source: "agent", added_by: "gao" };
    expect(lineOf({ kind: "note", data })).toEqual({ about: "Was at home", parts: [[null, "gao"]] });
  });

  it("has the title of what another system saw, whatever else it said", () => {
    const data = { title: "Looked at tariffs", text: "long", source: "web", added_by: "shop" };
    expect(lineOf({ kind: "page_view", data }).about).toBe("Looked at tariffs");
  });

  it("counts an order's money in whole coins", () => {
    const data = { order_number: "O-1", total: 12_345, currency: "CNY", state: "placed" };
    expect(lineOf({ kind: "order", data }).about).toBe("O-1 123.45 CNY");
  });
});
