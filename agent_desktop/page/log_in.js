/** The form that begins a session, and the session that this tab keeps. */

import { whyNot } from "./rest.js";
import { alertWith } from "./view.js";

const KEPT = "hotline.session";
const $ = (id) => document.getElementById(id);

export function keptToken() {
  return sessionStorage.getItem(KEPT);
}

export function forgetToken() {
  sessionStorage.removeItem(KEPT);
}

/** Once somebody has logged in, `open`. */
export function awaitLogIn(rest, open) {
  $("log-in").addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const body = { agent_id: $("agent-id").value.trim(), password: $("password").value };
      const session = await rest.ask("POST", "sessions", body);
      sessionStorage.setItem(KEPT, (rest.token = session.token));
    } catch (error) {
      alertWith(() => whyNot(error));
      return;
    }
    $("password").value = "";
    alertWith(null);
    await open();
  });
}
