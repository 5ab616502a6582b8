/** The REST side: the session and what is changed or read now and then. */

import { word } from "./words.js";

export class Refusal extends Error {
  constructor(problem) {
    super(problem.detail ?? problem.title ?? "");
    this.problem = problem.problem ?? problem.type; // the stream's own type is "refused"
    this.status = problem.status;
  }
}

/** What to tell whoever wanted it. */
export function whyNot(error) {
  const why = error instanceof Refusal ? word(`refusal.${error.problem}`, error.message) : word("gone");
  return `${word("failed")} ${why}`;
}

export class Rest {
  constructor(token = null) {
    this.token = token;
  }

  async ask(method, path, body) {
    const headers = { Accept: "application/json" };
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const answer = await fetch(`/api/v1/${path}`, { method, headers, body: body && JSON.stringify(body) });
    if (answer.status === 204) return null;
    const content = await answer.json();
    if (!answer.ok) throw new Refusal(content);
    return content;
  }
}
