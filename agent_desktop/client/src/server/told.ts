/** What the server says on the stream, by the names that this page uses (made by `npm run types`). */

import type { components } from "../generated/stream";

type Schemas = components["schemas"];

export type Told = Schemas["Told"];
export type Said = Schemas["Said"];
export type Snapshot = Schemas["Snapshot"];
export type Delta = Schemas["Delta"];
export type ScreenPop = Schemas["ScreenPop"];
export type Pop = Schemas["Pop"];
export type CustomerSummary = Schemas["CustomerSummary"];
export type FormShown = Schemas["FormShown"];
export type UnreadMessage = Schemas["UnreadMessage"];
export type Talk = Schemas["TalkView"];
export type PhoneCall = Schemas["PhoneCall"];
export type Health = Schemas["Health"];
export type Hello = Schemas["Hello"];

/** A message without what the stream adds to it by itself. */
export type Wish = Said extends infer One
  ? One extends { request: number }
    ? Omit<One, "request">
    : never
  : never;
