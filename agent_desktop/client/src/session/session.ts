/** Whose page this is: the session that this tab keeps, and what its agent may do. */

import { useSyncExternalStore } from "react";
import { actAs, api, got, type Schemas } from "../server/rest";

export type Account = Schemas["Account"];
export type Ended = "expired" | "replaced";

interface SessionState {
  /** As it began; a renewed one is what is sent since then (`rest.bearer`). */
  token: string | null;
  account: Account | null;
  /** Why there is none any more. */
  ended: Ended | null;
}

const KEPT = "hotline.session";
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 5_000; // ms between two attempts

let state: SessionState = { token: sessionStorage.getItem(KEPT), account: null, ended: null };
let sent = state.token;
const listeners = new Set<() => void>();
const forgetters: (() => void)[] = [];

/** `forget`: what this page knows by another session, which is perhaps another person's. */
export function whenAnother(forget: () => void): void {
  forgetters.push(forget);
}

function become(news: SessionState): void {
  if (news.token !== state.token) {
    sent = news.token;
    for (const forget of forgetters) forget();
  }
  state = news;
  actAs(sent, () => end("expired"));
  for (const listener of listeners) listener();
}

become(state);

export function useSession(): SessionState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}

/** Throws Refusal: "SecondFactorNeeded" asks for the code. */
export async function logIn(agent: string, password: string, code: string | null): Promise<void> {
  const body = { agent_id: agent, password, code };
  begin(await got(api.POST("/api/v1/sessions", { body })));
}

export function loggedIn(): boolean {
  return state.token !== null;
}

/** By the ticket that a browser comes back with from single sign-on. Throws Refusal. */
export async function signInBy(ticket: string): Promise<void> {
  begin(await got(api.POST("/api/v1/sessions/oidc", { body: { ticket } })));
}

/** Another one takes its place: after the log-in, or a new password. */
export function begin(session: Schemas["Session"]): void {
  sessionStorage.setItem(KEPT, session.token);
  become({ token: session.token, account: null, ended: null });
}

/** What this session is good for, from the server. */
async function readAccount(): Promise<void> {
  const { token } = state;
  const account = await got(api.GET("/api/v1/account"));
  if (state.token === token) become({ ...state, account });
}

/** The account of this session, if the server has said it. */
export function learnt(): Account | null {
  return state.account;
}

/** Have it end later; when that is now. Throws Refusal or Unreached. */
export async function renew(): Promise<string> {
  const { token } = state;
  const renewed = await got(api.POST("/api/v1/sessions/current/renewal"));
  if (state.token === token && state.account) {
    sent = renewed.token;
    sessionStorage.setItem(KEPT, sent);
    become({ ...state, account: { ...state.account, session_expires_at: renewed.expires_at } });
  }
  return renewed.expires_at;
}

/** Ask until the server says it, or the signal; `missed` is told why it is not known yet. */
export async function learnAccount(missed: (why: unknown) => void, signal: AbortSignal): Promise<void> {
  for (let pause = FIRST_PAUSE; !signal.aborted; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    try {
      return await readAccount();
    } catch (error) {
      if (signal.aborted) return;
      missed(error);
    }
    await new Promise((done) => setTimeout(done, pause));
  }
}

export async function logOut(): Promise<void> {
  await got(api.DELETE("/api/v1/sessions/current")).catch(() => {}); // over, whatever the server thinks
  sessionStorage.removeItem(KEPT);
  become({ token: null, account: null, ended: null });
}

/** It is not good any more, or another tab has taken this desk's place (and then the session is that one's). */
export function end(why: Ended): void {
  if (why !== "replaced") sessionStorage.removeItem(KEPT);
  become({ token: null, account: null, ended: why });
}

export function may(account: Account | null, permission: string): boolean {
  return account?.permissions.includes(permission) ?? false;
}
