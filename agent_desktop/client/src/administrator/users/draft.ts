/** What is typed about a user, and what of it is sent. */

import type { Schemas } from "../../server/rest";
import { same } from "../definitions/same";

export type User = Schemas["User"];
type Content = Required<Omit<Schemas["NewUser"], "id" | "password">> & { enabled: boolean };
type Role = Content["roles"][number];

/** Where they are called: their own registered telephone, the page, or another address. */
export type PhoneKind = "registered" | "browser" | "address";
export type AutoAnswer = "queue" | "yes" | "no";

export interface Draft {
  name: string;
  number: string;
  roles: readonly string[];
  team: string | null;
  phoneKind: PhoneKind;
  address: string;
  skills: Record<string, number>;
  /** Whether they serve queues of their own choice, not all whose skills they have. */
  ownQueues: boolean;
  queues: Record<string, number>;
  region: string;
  works: string;
  autoAnswer: AutoAnswer;
  capacity: Record<string, number>;
  enabled: boolean;
}

export function draftOf(user: User | null): Draft {
  const phone = user?.phone ?? null;
  const elsewhere = phone !== null && phone !== "browser";
  return {
    name: user?.name ?? "",
    number: user?.number ?? "",
    roles: user?.roles ?? ["agent"],
    team: user?.team ?? null,
    phoneKind: elsewhere ? "address" : phone === "browser" ? "browser" : "registered",
    address: elsewhere ? phone : "",
    skills: { ...user?.skills },
    ownQueues: (user?.queues ?? null) !== null,
    queues: { ...user?.queues },
    region: (user?.region ?? []).join(", "),
    works: (user?.works ?? []).join(", "),
    autoAnswer: user?.auto_answer == null ? "queue" : user.auto_answer ? "yes" : "no",
    capacity: { ...user?.capacity },
    enabled: user?.enabled ?? true,
  };
}

export function contentOf(draft: Draft): Content {
  const { phoneKind, autoAnswer } = draft;
  return {
    name: draft.name,
    number: draft.number,
    phone: phoneKind === "registered" ? null : phoneKind === "browser" ? "browser" : draft.address.trim(),
    skills: draft.skills,
    queues: draft.ownQueues ? draft.queues : null,
    region: words(draft.region),
    works: words(draft.works),
    auto_answer: autoAnswer === "queue" ? null : autoAnswer === "yes",
    capacity: draft.capacity,
    roles: draft.roles as Role[], // those that the server names
    team: draft.team,
    enabled: draft.enabled,
  };
}

/** Only what is another one than before: the rest may have been changed by somebody else. */
export function changesOf(user: User, draft: Draft): Partial<Content> {
  const before: Record<string, unknown> = { ...user };
  const changed = Object.entries(contentOf(draft)).filter(([name, value]) => !same(before[name], value));
  return Object.fromEntries(changed);
}

/** "86, 浙江，杭州" as a list. */
function words(text: string): string[] {
  return text
    .split(/[,，、]/)
    .map((each) => each.trim())
    .filter(Boolean);
}
