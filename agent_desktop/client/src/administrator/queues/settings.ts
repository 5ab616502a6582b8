/** A queue's settings as they are edited, and what of them is sent. Pure. */

import type { Schemas } from "../../server/rest";
import { same } from "../definitions/same";

type Given = Required<Schemas["QueueSettings"]>;
type CallBacks = Required<Schemas["CallBackSettings"]>;

/** The server gives all of them, also those that are as they always are. */
export interface Settings extends Omit<Given, "service_level" | "call_backs"> {
  service_level: Required<Schemas["ServiceLevelSettings"]>;
  call_backs: Omit<CallBacks, "pauses"> & { pauses: Required<Schemas["PauseSettings"]> };
}

export type Overflow = Schemas["OverflowSettings"];
export type Exit = Schemas["ExitSettings"];
export type Step = Schemas["StepSettings"];
export type Sent = Schemas["QueueDefinitionEdit"]["settings"];

/** Each setting that is another one now, as a whole; the name is the queue's for ever. */
export function changed(before: Settings, now: Settings): Sent {
  const names = (Object.keys(now) as (keyof Settings)[]).filter((name) => name !== "name");
  const others = names.filter((name) => !same(before[name], now[name]));
  return Object.fromEntries(others.map((name) => [name, sent(now[name])]));
}

/** What has no value within a row is left out: a rule has a size or a time, not the other's null. */
function sent(value: unknown): Sent[string] {
  if (!Array.isArray(value)) return value as Sent[string];
  return value.map((row) => withoutNull(row)) as Sent[string];
}

function withoutNull(row: unknown): unknown {
  if (typeof row !== "object" || row === null) return row;
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null && value !== undefined));
}

/** The keys of exits with what each does, as rows; a key stands once. */
export interface ExitRow extends Exit {
  key: string;
}

export function exitRows(exits: Record<string, Exit>): ExitRow[] {
  return Object.entries(exits).map(([key, exit]) => ({ key, ...exit }));
}

export function exitsOf(rows: readonly ExitRow[]): Record<string, Exit> {
  return Object.fromEntries(rows.map(({ key, ...exit }) => [key, exit]));
}

export const KEYS = [..."1234567890*#"];

/** A key that none of the rows has yet; null where all are taken. */
export function freeKey(rows: readonly ExitRow[]): string | null {
  return KEYS.find((key) => rows.every((row) => row.key !== key)) ?? null;
}

/** What a rule asks for when it becomes one of another kind: the other kinds' is gone. */
export function ruleOf(rule: Overflow, when: Overflow["when"]): Overflow {
  const { then, say } = rule;
  const looked_at = when === "waited" ? undefined : rule.looked_at;
  const time = when === "waited" || when === "expected_wait" ? (rule.time ?? "PT1M") : null;
  return { when, size: when === "size" ? (rule.size ?? 10) : null, time, looked_at, then, say };
}
