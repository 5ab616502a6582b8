import { describe, expect, it } from "vitest";
import { wordsOf } from "./reasons";

describe("the words of reasons", () => {
  it("are the server's, in each language by the names that pages look them up by", () => {
    const coaching = { id: "coaching", labels: { zh: "辅导", en: "Coaching" } };
    const card = { id: "card_number", labels: { zh: "银行卡信息", en: "Card details" } };
    expect(wordsOf({ not_ready: [coaching], mask: [card] })).toEqual({
      zh: { "reason.coaching": "辅导", "maskReason.card_number": "银行卡信息" },
      en: { "reason.coaching": "Coaching", "maskReason.card_number": "Card details" },
    });
  });
});
