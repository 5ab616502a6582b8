/** Some things are done only for who has just proved who they are; the server says when. */

import { Form } from "react-aria-components";
import { Button } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import { TextField } from "../parts/Fields";
import { useTyped } from "../parts/useTyped";
import { api, got, Refusal, type Schemas } from "../server/rest";
import { useWords, whyNot } from "../words/words";

type Purpose = Schemas["ConfirmationProof"]["purpose"];

export function needsConfirmation(error: unknown): boolean {
  return error instanceof Refusal && error.problem === "ConfirmationNeeded";
}

interface ConfirmProps {
  purpose: Purpose;
  isOpen: boolean;
  onClose(): void;
  /** It is confirmed: what was refused can be asked for again. */
  onConfirmed(): void;
}

export function ConfirmPassword({ purpose, isOpen, onClose, onConfirmed }: ConfirmProps) {
  const { word } = useWords();
  const { busy, failure, submit } = useTyped(async (text) => {
    const body = { purpose, password: text("password"), code: text("code") || null };
    await got(api.POST("/api/v1/account/confirmations", { body }));
    onConfirmed();
  });
  const codeWanted = failure instanceof Refusal && failure.problem === "SecondFactorNeeded";
  return (
    <Dialog title={word("passwordAgain")} isOpen={isOpen} onClose={onClose}>
      <Form onSubmit={submit}>
        <p className="muted">{word("passwordAgainWhy")}</p>
        {Boolean(failure) && <p role="alert">{whyNot(failure)}</p>}
        <TextField
          name="password"
          type="password"
          label={word("password")}
          autoComplete="current-password"
          isRequired
          autoFocus
        />
        {codeWanted && <TextField name="code" label={word("code")} autoComplete="one-time-code" isRequired />}
        <Button type="submit" look="primary" isDisabled={busy}>
          {word("confirm")}
        </Button>
      </Form>
    </Dialog>
  );
}
