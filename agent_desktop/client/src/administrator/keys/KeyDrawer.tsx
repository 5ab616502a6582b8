/** One key: what it may, when it was used last, and its end. */

import { useState } from "react";
import { Button } from "../../parts/Button";
import { Facts } from "../../parts/Card";
import { Dialog } from "../../parts/Dialog";
import { Drawer } from "../../parts/Drawer";
import { Failure } from "../../parts/Failure";
import { moment } from "../../parts/time";
import { useDone } from "../../parts/useDone";
import { serverNow } from "../../server/clock";
import { api, got } from "../../server/rest";
import { useWords } from "../../words/words";
import { KeyState } from "./KeyState";
import { type ApiKey, stateOf } from "./key";

interface KeyDrawerProps {
  of: ApiKey;
  onRevoked(): void;
  onClose(): void;
}

export function KeyDrawer({ of, onRevoked, onClose }: KeyDrawerProps) {
  const { word, named } = useWords();
  const [asked, setAsked] = useState(false);
  const { busy, failure, attempt } = useDone();
  async function revoke() {
    const path = { key_id: of.id };
    await attempt(() => got(api.DELETE("/api/v1/api-keys/{key_id}", { params: { path } })));
    setAsked(false);
    onRevoked();
  }
  return (
    <Drawer title={of.name} about={of.id} onClose={onClose}>
      <Facts
        facts={[
          [word("keys.state"), <KeyState key="state" of={of} />],
          [word("id"), <code key="id">{of.id}</code>],
          [word("keys.team"), of.team ?? word("keys.everybody")],
          [word("keys.made"), moment(of.created_at)],
          [word("keys.madeBy"), of.created_by],
          [word("keys.expires"), moment(of.expires_at)],
          [word("keys.revokedAt"), moment(of.revoked_at)],
          [word("keys.lastUsed"), moment(of.last_used_at) || word("keys.never")],
          [word("keys.from"), of.last_used_from],
        ]}
      />
      <h3>{word("keys.scopes")}</h3>
      <ul id="scopes">
        {of.scopes.map((scope) => (
          <li key={scope}>
            {named("mayDo", scope)} <code className="muted">{scope}</code>
          </li>
        ))}
      </ul>
      <Failure of={failure} exact />
      {stateOf(of, serverNow()) === "live" && (
        <div className="buttons">
          <Button id="revoke" look="stop" onPress={() => setAsked(true)}>
            {word("keys.revoke")}
          </Button>
        </div>
      )}
      <Dialog title={word("keys.revoke")} isOpen={asked} onClose={() => setAsked(false)}>
        <p>{word("keys.revokeWhat", { name: of.name })}</p>
        <div className="buttons">
          <Button id="revoke-really" look="stop" isDisabled={busy} onPress={() => void revoke()}>
            {word("keys.revoke")}
          </Button>
          <Button onPress={() => setAsked(false)}>{word("cancel")}</Button>
        </div>
      </Dialog>
    </Drawer>
  );
}
