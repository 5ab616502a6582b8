import { describe, expect, it } from "vitest";
import { changesOf, contentOf, draftOf, type User } from "./draft";

const LI: User = {
  id: "li",
  name: "Li",
  number: "8001",
  phone: null,
  skills: { sales: 3, french: 1 },
  queues: null,
  region: ["86", "浙江"],
  works: [],
  auto_answer: null,
  capacity: {},
  roles: ["agent"],
  team: "north",
  enabled: true,
  has_password: true,
  password_is_temporary: false,
  second_factor: false,
  version: 4,
};

describe("a user's draft", () => {
  it("changes nothing while nothing is typed, in whatever order levels stand", () => {
    expect(changesOf(LI, draftOf(LI))).toEqual({});
    expect(changesOf(LI, { ...draftOf(LI), skills: { french: 1, sales: 3 } })).toEqual({});
  });

  it("sends what is another one, and null where nothing is said", () => {
    const draft = { ...draftOf(LI), region: "86，浙江、杭州 ", team: null, autoAnswer: "no" as const };
    expect(changesOf(LI, draft)).toEqual({ region: ["86", "浙江", "杭州"], team: null, auto_answer: false });
  });

  it("keeps no queues and every queue apart", () => {
    expect(contentOf({ ...draftOf(LI), ownQueues: true }).queues).toEqual({});
    expect(contentOf({ ...draftOf({ ...LI, queues: { sales: 2 } }), ownQueues: false }).queues).toBeNull();
  });

  it.each([
    [null, "registered"],
    ["browser", "browser"],
    ["sip:li@10.0.0.1", "address"],
  ])("knows where %s is called, and says it again", (phone, kind) => {
    const draft = draftOf({ ...LI, phone });
    expect(draft.phoneKind).toBe(kind);
    expect(contentOf(draft).phone).toBe(phone);
  });
});
