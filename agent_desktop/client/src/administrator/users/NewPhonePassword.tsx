import { useState } from "react";
import { Button } from "../../parts/Button";
import { Facts } from "../../parts/Card";
import { Dialog } from "../../parts/Dialog";
import { Question } from "../../parts/Sure";
import { useDone } from "../../parts/useDone";
import { api, got, type Schemas } from "../../server/rest";
import { useWords } from "../../words/words";

interface NewPhonePasswordProps {
  userId: string;
  onClose(): void;
}

/** Asked for, and shown once. In one dialog: the keys go back to where they were when it is closed. */
export function NewPhonePassword({ userId, onClose }: NewPhonePasswordProps) {
  const { word } = useWords();
  const [made, setMade] = useState<Schemas["PhonePassword"] | null>(null);
  const { busy, failure, attempt } = useDone();
  const params = { path: { user_id: userId } };
  const make = () =>
    attempt(async () => setMade(await got(api.POST("/api/v1/users/{user_id}/phone-password", { params }))));
  const title = word("users.phonePassword");
  return (
    <Dialog title={title} isOpen onClose={onClose} isShownOnce={made !== null}>
      {made ? (
        <Shown {...made} onClose={onClose} />
      ) : (
        <Question title={title} busy={busy} failure={failure} onClose={onClose} onSure={() => void make()}>
          {word("users.phonePasswordWhat")}
        </Question>
      )}
    </Dialog>
  );
}

function Shown({ username, password, onClose }: Schemas["PhonePassword"] & { onClose(): void }) {
  const { word } = useWords();
  return (
    <>
      <p>{word("users.shownOnce")}</p>
      <Facts
        facts={[
          [word("users.phoneName"), <code key="name">{username}</code>],
          [
            word("password"),
            <code key="password" id="shown-password">
              {password}
            </code>,
          ],
        ]}
      />
      <div className="buttons">
        <Button onPress={onClose} autoFocus>
          {word("close")}
        </Button>
      </div>
    </>
  );
}
