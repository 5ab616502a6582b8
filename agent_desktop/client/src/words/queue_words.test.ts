import { describe, expect, it } from "vitest";
import { queueWords } from "./queue_words";

describe("what queues are called", () => {
  it("is their title in the language, else in the other, else their name", () => {
    const queues: { name: string; title: Record<string, string> }[] = [
      { name: "sales", title: { zh: "销售", en: "Sales" } },
      { name: "vip", title: { zh: "贵宾" } },
      { name: "night", title: {} },
    ];
    expect(queueWords(queues)).toEqual({
      zh: { "queueName.sales": "销售", "queueName.vip": "贵宾", "queueName.night": "night" },
      en: { "queueName.sales": "Sales", "queueName.vip": "贵宾", "queueName.night": "night" },
    });
  });
});
