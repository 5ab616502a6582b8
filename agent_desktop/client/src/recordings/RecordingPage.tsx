import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useParams } from "react-router";
import { Card, Facts } from "../parts/Card";
import { length, moment } from "../parts/time";
import { api, got } from "../server/rest";
import { may, useSession } from "../session/session";
import { useWords, whyNot } from "../words/words";
import { Bookmarks } from "./Bookmarks";
import { NewReview } from "./NewReview";
import { Player } from "./Player";
import type { Span } from "./Waveform";

/** One recording: heard, marked, and what is known of its call. */
export function RecordingPage() {
  const { word, named } = useWords();
  const { account } = useSession();
  const { id = "" } = useParams();
  const [at, setAt] = useState(0);
  const [goTo, setGoTo] = useState<{ seconds: number } | null>(null);
  const path = { recording_id: id };
  const recording = useQuery({
    queryKey: ["recording", id],
    queryFn: () => got(api.GET("/api/v1/recordings/{recording_id}", { params: { path } })),
  });
  const spans = useSpans(id);
  if (recording.error) return <p role="alert">{whyNot(recording.error)}</p>;
  const one = recording.data;
  if (!one) return <p role="status">{word("loading")}</p>;
  return (
    <>
      <h1>{`${word("recordingOne")} · ${moment(one.started_at)}`}</h1>
      <Card title={word("recordingOne")}>
        <Player recording={id} spans={spans} onMoved={setAt} goTo={goTo} />
      </Card>
      <div className="side-by-side">
        <Bookmarks recording={id} at={at} onGo={(seconds) => setGoTo({ seconds })} />
        <Card title={word("call")}>
          <Facts
            facts={[
              [word("callersNumber"), one.caller_number],
              [word("dialled"), one.dialled_number],
              [word("agent"), one.agent_id],
              [word("queue"), named("queueName", one.queue)],
              [word("duration"), one.duration === null ? null : length(one.duration)],
              [word("recordingKind"), named("recordingKind", one.kind)],
              [word("channelState"), named("recordingState", one.state)],
              ["SHA-256", one.sha256 && <code>{one.sha256}</code>],
            ]}
          />
          {may(account, "quality.review") && <NewReview recording={id} />}
        </Card>
      </div>
    </>
  );
}

function useSpans(id: string): readonly Span[] {
  const path = { recording_id: id };
  const masks = useQuery({
    queryKey: ["masks", id],
    queryFn: () => got(api.GET("/api/v1/recordings/{recording_id}/masks", { params: { path } })),
  });
  const bookmarks = useQuery({
    queryKey: ["bookmarks", id],
    queryFn: () => got(api.GET("/api/v1/recordings/{recording_id}/bookmarks", { params: { path } })),
  });
  return useMemo(
    () => [
      ...(masks.data ?? []).map(
        ({ begins, ends }): Span => ({ kind: "mask", from_ms: 1000 * begins, to_ms: 1000 * ends }),
      ),
      ...(bookmarks.data ?? []).map(
        ({ heard_from_ms, heard_to_ms }): Span => ({
          kind: "bookmark",
          from_ms: heard_from_ms,
          to_ms: heard_to_ms,
        }),
      ),
    ],
    [masks.data, bookmarks.data],
  );
}
