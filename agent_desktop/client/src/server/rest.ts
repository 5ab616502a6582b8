/** The REST side: typed by the server's own page, and refusals as exceptions. */

import createClient from "openapi-fetch";
import type { components, paths } from "../generated/rest";
import { heardTime } from "./clock";

export type Schemas = components["schemas"];

/** What the server does not do, and why (RFC 9457; the stream has the same). */
export class Refusal extends Error {
  readonly problem: string;
  readonly status: number;

  constructor(problem: string, status: number, detail: string) {
    super(detail);
    this.problem = problem;
    this.status = status;
  }
}

/** The server was not reached, or said nothing that can be understood. */
export class Unreached extends Error {}

let token: string | null = null;
let onExpired: () => void = () => {};

/** From now on requests are whose session this is; `expired` is called where it is not good any more. */
export function actAs(session: string | null, expired: () => void = () => {}): void {
  token = session;
  onExpired = expired;
}

/** With what a stream says hello. */
export function bearer(): string | null {
  return token;
}

export const api = createClient<paths>({ baseUrl: "" });

api.use({
  onRequest({ request }) {
    if (token) request.headers.set("Authorization", `Bearer ${token}`);
    return request;
  },
  onResponse({ response }) {
    heardTime(response.headers.get("Date"));
  },
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The answer's content. Throws Refusal or Unreached. */
export async function got<T>(asked: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch {
    throw new Unreached();
  }
  const { data, error, response } = answer;
  if (response.ok) return data as T;
  const told = (typeof error === "object" ? error : {}) as Partial<Schemas["Problem"]>;
  if (response.status === 401 && token && told.type === "NotLoggedIn") onExpired();
  if (!told?.type) throw new Unreached();
  throw new Refusal(told.type, response.status, told.detail ?? told.title ?? "");
}
