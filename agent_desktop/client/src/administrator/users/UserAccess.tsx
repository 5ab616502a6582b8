/** What a user comes in by: the password, the telephone's, the second factor, and the sessions that are open. */

import { useState } from "react";
import { Form } from "react-aria-components";
import { Button } from "../../parts/Button";
import { Card, Facts } from "../../parts/Card";
import { Dialog } from "../../parts/Dialog";
import { Failure } from "../../parts/Failure";
import { TextField } from "../../parts/Fields";
import { Sure } from "../../parts/Sure";
import { useDone } from "../../parts/useDone";
import { api, got } from "../../server/rest";
import { useWords } from "../../words/words";
import type { User } from "./draft";
import { NewPhonePassword } from "./NewPhonePassword";
import { UserSessions } from "./UserSessions";

interface AccessProps {
  of: User;
  onChanged(user: User): void;
}

type Asked = "password" | "phone" | "factor";

export function UserAccess({ of, onChanged }: AccessProps) {
  const { word } = useWords();
  const [asked, setAsked] = useState<Asked | null>(null);
  const { busy, failure, attempt, forget } = useDone();
  function ask(what: Asked) {
    forget();
    setAsked(what);
  }
  const params = { path: { user_id: of.id } };
  async function act(work: () => Promise<unknown>) {
    const done = await attempt(async () => {
      await work();
      onChanged(await got(api.GET("/api/v1/users/{user_id}", { params }))); // its version may be another one
    });
    if (done) setAsked(null);
  }
  const reset = (password: string) =>
    act(() => got(api.POST("/api/v1/users/{user_id}/password", { params, body: { password } })));
  const takeFactor = () => act(() => got(api.DELETE("/api/v1/users/{user_id}/second-factor", { params })));
  const dialog = { busy, failure, onClose: () => setAsked(null) };
  return (
    <Card id="access" title={word("users.access")}>
      <div className="stack">
        <Facts
          facts={[
            [word("password"), word(passwordOf(of))],
            [word("secondFactor"), word(of.second_factor ? "users.hasFactor" : "users.noFactor")],
          ]}
        />
        <div className="buttons">
          <Button id="reset-password" onPress={() => ask("password")}>
            {word("users.resetPassword")}
          </Button>
          <Button id="phone-password" onPress={() => ask("phone")}>
            {word("users.phonePassword")}
          </Button>
          {of.second_factor && (
            <Button id="take-factor" onPress={() => ask("factor")}>
              {word("users.takeFactor")}
            </Button>
          )}
        </div>
        <UserSessions userId={of.id} />
      </div>
      {asked === "password" && <NewPassword {...dialog} onSend={(password) => void reset(password)} />}
      {asked === "phone" && <NewPhonePassword userId={of.id} onClose={dialog.onClose} />}
      {asked === "factor" && (
        <Sure {...dialog} title={word("users.takeFactor")} onSure={() => void takeFactor()}>
          {word("users.takeFactorWhat")}
        </Sure>
      )}
    </Card>
  );
}

function passwordOf({ has_password, password_is_temporary }: User) {
  if (!has_password) return "users.noPassword";
  return password_is_temporary ? "users.passwordTemporary" : "users.passwordOwn";
}

interface AskProps {
  busy: boolean;
  failure: unknown;
  onClose(): void;
}

function NewPassword({ busy, failure, onClose, onSend }: AskProps & { onSend(password: string): void }) {
  const { word } = useWords();
  const [password, setPassword] = useState("");
  return (
    <Dialog title={word("users.resetPassword")} isOpen onClose={onClose}>
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          onSend(password);
        }}
      >
        <p>{word("users.resetPasswordWhat")}</p>
        <TextField
          name="new-password"
          type="password"
          autoComplete="new-password"
          label={word("users.temporaryPassword")}
          value={password}
          onChange={setPassword}
          isRequired
          maxLength={256}
          autoFocus
        />
        <Failure of={failure} exact />
        <div className="buttons">
          <Button id="send-password" type="submit" look="primary" isDisabled={busy}>
            {word("users.resetPassword")}
          </Button>
          <Button onPress={onClose}>{word("cancel")}</Button>
        </div>
      </Form>
    </Dialog>
  );
}
