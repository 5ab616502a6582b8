/** What has to be done before a session is good for anything else: another password, a second factor. */

import { useState } from "react";
import { Form } from "react-aria-components";
import { Button } from "../parts/Button";
import { TextField } from "../parts/Fields";
import { useTyped } from "../parts/useTyped";
import { api, got, type Schemas } from "../server/rest";
import { type Account, begin, logOut } from "../session/session";
import { useWords, whyNot } from "../words/words";

export function Duties({ account }: { account: Account }) {
  const { word } = useWords();
  return (
    <main className="front">
      <div className="card">
        {account.must.includes("change_password") ? <NewPassword /> : <SecondFactor />}
        <Button look="quiet" onPress={() => void logOut()}>
          {word("logOut")}
        </Button>
      </div>
    </main>
  );
}

function NewPassword() {
  const { word } = useWords();
  const { failure, submit } = useTyped(async (text) => {
    const body = { password: text("password"), new_password: text("new_password") };
    begin(await got(api.POST("/api/v1/account/password", { body })));
  });
  return (
    <Form className="stack" onSubmit={submit}>
      <h1>{word("newPassword")}</h1>
      <p className="muted">{word("newPasswordWhy")}</p>
      <Failure failure={failure} />
      <TextField
        name="password"
        type="password"
        label={word("password")}
        autoComplete="current-password"
        isRequired
      />
      <TextField
        name="new_password"
        type="password"
        label={word("newPassword")}
        autoComplete="new-password"
        minLength={10}
        isRequired
      />
      <Button type="submit" look="primary" big>
        {word("save")}
      </Button>
    </Form>
  );
}

function SecondFactor() {
  const { word } = useWords();
  const [enrolment, setEnrolment] = useState<Schemas["Enrolment"] | null>(null);
  const { failure, submit } = useTyped(async (text) => {
    if (enrolment) {
      const body = { code: text("code") };
      begin(await got(api.POST("/api/v1/account/second-factor/confirm", { body })));
      return;
    }
    setEnrolment(
      await got(api.POST("/api/v1/account/second-factor", { body: { password: text("password") } })),
    );
  });
  return (
    <Form className="stack" onSubmit={submit}>
      <h1>{word("secondFactor")}</h1>
      <Failure failure={failure} />
      {enrolment ? (
        <>
          <p>{word("secondFactorHow")}</p>
          <code className="card">{enrolment.secret}</code>
          <p>{word("recoveryCodes")}</p>
          <ul className="card">
            {enrolment.recovery_codes.map((code) => (
              <li key={code}>
                <code>{code}</code>
              </li>
            ))}
          </ul>
          <TextField name="code" label={word("code")} autoComplete="one-time-code" isRequired autoFocus />
        </>
      ) : (
        <TextField
          name="password"
          type="password"
          label={word("password")}
          autoComplete="current-password"
          isRequired
          autoFocus
        />
      )}
      <Button type="submit" look="primary" big>
        {word(enrolment ? "confirm" : "goOn")}
      </Button>
    </Form>
  );
}

function Failure({ failure }: { failure: unknown }) {
  return failure ? (
    <p className="alert" data-kind="bad" role="alert">
      {whyNot(failure)}
    </p>
  ) : null;
}
