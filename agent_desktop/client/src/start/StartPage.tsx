/** The first page of a demonstration: who one can be, how to call, what to try. */

import { useQuery } from "@tanstack/react-query";
import { Card, Empty, Facts } from "../parts/Card";
import { api, got, Refusal, type Schemas } from "../server/rest";
import { LanguageButton, ThemeButton } from "../shell/Settings";
import { inLanguage, useWords, whyNot } from "../words/words";
import { Caller } from "./Caller";
import "./start.css";

export default function StartPage() {
  const { word } = useWords();
  const demo = useQuery({
    queryKey: ["demo"],
    queryFn: () => got(api.GET("/api/v1/demo")),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const none = demo.error instanceof Refusal && demo.error.status === 404;
  return (
    <main className="start">
      <header className="page-head">
        <span className="brand">Hotline</span>
        <span className="gap" />
        <ThemeButton />
        <LanguageButton />
      </header>
      <h1>{word("start")}</h1>
      {none && (
        <>
          <p>{word("noDemo")}</p>
          <a href="/">{word("toLogIn")}</a>
        </>
      )}
      {demo.error && !none && <p role="alert">{whyNot(demo.error)}</p>}
      {demo.data && <Demonstration facts={demo.data} />}
    </main>
  );
}

function Demonstration({ facts }: { facts: Schemas["DemoFacts"] }) {
  const { word } = useWords();
  const callable = facts.numbers.filter(({ from_page }) => from_page);
  return (
    <>
      <p>{word("startLead")}</p>
      <div className="start-columns">
        <Card title={word("workHere")}>
          <p>
            {`${word("passwordOfRun")}: `}
            <code id="demo-password">{facts.password}</code>
          </p>
          <p className="muted">{word("ownTab")}</p>
          <ul className="stack">
            {facts.log_ins.map((one) => (
              <li key={one.agent_id}>
                {/* A new tab begins without what this one remembers: another person. */}
                <a
                  className="button"
                  href={`/?as=${encodeURIComponent(one.agent_id)}`}
                  target="_blank"
                  rel="noopener"
                >
                  {word("logInAs", { name: one.name })}
                </a>
                <p className="muted">{inLanguage(one.about)}</p>
              </li>
            ))}
          </ul>
        </Card>
        <Card title={word("callHere")}>
          {callable.length > 0 && (
            <>
              <h3>{word("callFromPage")}</h3>
              {facts.page_caller_number && <p>{word("callsFrom", { number: facts.page_caller_number })}</p>}
              <Caller numbers={callable} />
            </>
          )}
          <h3>{word("callFromSoftphone")}</h3>
          <Facts
            facts={facts.sip.map(({ transport, host, port }) => [
              word("listensAt"),
              <code key={transport}>{`${host}:${port} (${transport.toUpperCase()})`}</code>,
            ])}
          />
          <ul className="stack">
            {facts.numbers.map((one) => (
              <li key={one.number}>
                <code>{one.sip_uri ?? one.number}</code>
                <span>{` ${inLanguage(one.title)}`}</span>
                {one.hint && <p className="muted">{inLanguage(one.hint)}</p>}
              </li>
            ))}
          </ul>
        </Card>
        <Card title={word("tryThis")}>
          {facts.tries.length === 0 && <Empty>—</Empty>}
          <ol className="tries">
            {facts.tries.map((one) => (
              <li key={one.en}>{inLanguage(one)}</li>
            ))}
          </ol>
        </Card>
      </div>
    </>
  );
}
