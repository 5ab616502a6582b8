import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { Form } from "react-aria-components";
import { Button } from "../parts/Button";
import { TextField } from "../parts/Fields";
import { api, got, Refusal } from "../server/rest";
import { type Ended, logIn, signInBy } from "../session/session";
import { useWords, whyNot } from "../words/words";
import { LanguageButton } from "./Settings";

/** The form that begins a session. */
export function FrontPage({ ended }: { ended: Ended | null }) {
  const { word } = useWords();
  const [failure, setFailure] = useState<unknown>(null);
  const [codeWanted, setCodeWanted] = useState(false);
  const [busy, setBusy] = useState(false);
  const about = useQuery({ queryKey: ["about"], queryFn: () => got(api.GET("/api/v1/about")) });
  useEffect(() => {
    void backFromSignOn().catch(setFailure);
  }, []);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const text = (name: string) => String(given.get(name) ?? "").trim();
    setBusy(true);
    try {
      await logIn(text("agent_id"), String(given.get("password")), text("code") || null);
    } catch (error) {
      if (error instanceof Refusal && error.problem === "SecondFactorNeeded") setCodeWanted(true);
      setFailure(error);
      setBusy(false);
    }
  }

  const alert = failure ? whyNot(failure) : ended ? word(ended) : null;
  return (
    <main className="front" id="front">
      <div className="card">
        <div className="page-head">
          <span className="brand">Hotline</span>
          <span className="gap" />
          <LanguageButton />
        </div>
        <h1>{word("logIn")}</h1>
        {alert && (
          <p id="alert" className="alert" role="alert">
            {alert}
          </p>
        )}
        <Form id="log-in" className="stack" onSubmit={submit}>
          <TextField
            id="agent-id"
            name="agent_id"
            label={word("agentId")}
            defaultValue={new URLSearchParams(location.search).get("as") ?? ""}
            autoComplete="username"
            isRequired
            autoFocus
          />
          <TextField
            id="password"
            name="password"
            type="password"
            label={word("password")}
            autoComplete="current-password"
            isRequired
          />
          {codeWanted && (
            <TextField
              id="code"
              name="code"
              label={word("code")}
              autoComplete="one-time-code"
              isRequired
              autoFocus
            />
          )}
          <Button type="submit" look="primary" big isDisabled={busy}>
            {word("logIn")}
          </Button>
        </Form>
        {about.data?.log_in.single_sign_on && (
          <a className="button" href={about.data.log_in.single_sign_on}>
            {word("singleSignOn")}
          </a>
        )}
        {about.data?.demo && <a href="/start">{word("start")}</a>}
      </div>
    </main>
  );
}

/** A provider sends the browser back with a ticket, or why there is none, behind the # of the address. */
async function backFromSignOn(): Promise<void> {
  const [name, value = ""] = location.hash.slice(1).split("=");
  if (name !== "sign-in" && name !== "sign-in-failed") return;
  history.replaceState(null, "", location.pathname);
  const said = decodeURIComponent(value);
  if (name === "sign-in-failed") throw new Refusal(said, 401, said);
  await signInBy(said);
}
