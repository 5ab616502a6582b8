/** The sessions that a user has open, and their end. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "../../parts/Button";
import { Failure } from "../../parts/Failure";
import { Listed } from "../../parts/Listed";
import { moment } from "../../parts/time";
import { useDone } from "../../parts/useDone";
import { api, got } from "../../server/rest";
import { may, useSession } from "../../session/session";
import { useWords } from "../../words/words";

export function UserSessions({ userId }: { userId: string }) {
  const { word, named } = useWords();
  const { account } = useSession();
  const queries = useQueryClient();
  const queryKey = ["users", "sessions", userId];
  const path = { user_id: userId };
  const open = useQuery({
    queryKey,
    queryFn: () => got(api.GET("/api/v1/users/{user_id}/sessions", { params: { path } })),
    enabled: may(account, "users.read"),
  });
  const { busy, failure, attempt } = useDone();
  const end = (work: () => Promise<unknown>) =>
    attempt(async () => {
      await work();
      await queries.invalidateQueries({ queryKey });
    });
  const endAll = () => got(api.DELETE("/api/v1/users/{user_id}/sessions", { params: { path } }));
  const endOne = (session_id: string) =>
    got(
      api.DELETE("/api/v1/users/{user_id}/sessions/{session_id}", {
        params: { path: { ...path, session_id } },
      }),
    );
  return (
    <section aria-labelledby="sessions-title">
      <div className="row">
        <h3 id="sessions-title">{word("users.sessions")}</h3>
        {(open.data?.length ?? 0) > 1 && (
          <Button id="end-sessions" isDisabled={busy} onPress={() => void end(endAll)}>
            {word("users.endSessions")}
          </Button>
        )}
      </div>
      <Failure of={failure} exact />
      <Listed of={open} id="sessions" empty={word("users.noSessions")} idOf={({ id }) => id}>
        {({ id, method, address, client, opened_at, expires_at, current }) => (
          <div className="row">
            <div>
              {named("logInMethod", method)} · {address}
              {current && ` · ${word("users.thisSession")}`}
              <div className="muted">
                {word("users.sessionTime", { from: moment(opened_at), to: moment(expires_at) })}
                {client && <div>{client}</div>}
              </div>
            </div>
            <Button isDisabled={busy} onPress={() => void end(() => endOne(id))}>
              {word("users.endSession")}
            </Button>
          </div>
        )}
      </Listed>
    </section>
  );
}
