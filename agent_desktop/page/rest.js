/** The REST side: the session and what is changed or read now and then. */

export class Refusal extends Error {
  constructor(problem) {
    super(problem.detail ?? problem.title ?? "");
    this.problem = problem.type ?? problem.problem;
    this.status = problem.status;
  }
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
