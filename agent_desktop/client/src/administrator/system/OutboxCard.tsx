/** What is to be sent; what was given up is decided by people. */

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../parts/Button";
import { Card } from "../../parts/Card";
import { DataTable } from "../../parts/DataTable";
import { Failure } from "../../parts/Failure";
import { Select } from "../../parts/Fields";
import { Sure } from "../../parts/Sure";
import { moment } from "../../parts/time";
import { useDone } from "../../parts/useDone";
import { api, got, type Schemas } from "../../server/rest";
import { useWords } from "../../words/words";

type Job = Schemas["OutboxJobView"];

const EVERY = 15_000; // ms
const STATES = ["dead", "waiting", "sending", "sent"] as const;

export function OutboxCard({ mayDecide }: { mayDecide: boolean }) {
  const { word, named } = useWords();
  const queries = useQueryClient();
  const { busy, failure, attempt, forget } = useDone();
  const [withdrawn, setWithdrawn] = useState<Job | null>(null); // once that is confirmed
  const [state, setState] = useState<string>("dead");
  const found = useInfiniteQuery({
    queryKey: ["outbox", state],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      got(api.GET("/api/v1/outbox", { params: { query: { state, limit: 20, after: pageParam } } })),
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: EVERY,
  });
  async function decide(act: () => Promise<unknown>) {
    const done = await attempt(act);
    if (done) setWithdrawn(null);
    await queries.invalidateQueries({ queryKey: ["outbox"] });
    await queries.invalidateQueries({ queryKey: ["system-health"] });
  }
  const path = ({ id }: Job) => ({ params: { path: { job_id: id } } });
  return (
    <Card id="outbox" title={word("system.outbox")}>
      <div className="row">
        <Select
          label={word("system.outboxState")}
          options={STATES.map((each) => ({ id: each, label: named("outbox", each) }))}
          value={state}
          onChange={setState}
        />
      </div>
      <Failure of={found.error} />
      {!withdrawn && <Failure of={failure} exact />}
      <DataTable
        label={word("system.outbox")}
        rows={found.data?.pages.flatMap((page) => page.items) ?? []}
        idOf={({ id }) => id}
        empty={word(found.isPending ? "loading" : "system.noJobs")}
        columns={[
          { id: "to", label: word("system.recipient"), cell: ({ recipient }) => recipient },
          { id: "channel", label: word("channel"), cell: ({ channel }) => named("channel", channel) },
          { id: "at", label: word("system.createdAt"), cell: ({ created_at }) => moment(created_at) },
          { id: "attempts", label: word("system.attempts"), cell: ({ attempts }) => attempts, number: true },
          {
            id: "why",
            label: word("system.why"),
            cell: ({ failure, held, delivery }) =>
              held ? named("held", held) : delivery ? named("delivery", delivery) : failure,
          },
          {
            id: "decide",
            label: <span className="visually-hidden">{word("system.decide")}</span>,
            cell: (job) =>
              mayDecide &&
              (job.state === "dead" || job.state === "waiting") && (
                <div className="buttons">
                  <Button
                    isDisabled={busy}
                    onPress={() =>
                      void decide(() => got(api.POST("/api/v1/outbox/{job_id}/retry", path(job))))
                    }
                  >
                    {word("system.retry")}
                  </Button>
                  <Button
                    look="stop"
                    isDisabled={busy}
                    onPress={() => {
                      forget();
                      setWithdrawn(job);
                    }}
                  >
                    {word("system.withdraw")}
                  </Button>
                </div>
              ),
          },
        ]}
      />
      {withdrawn && (
        <Sure
          title={word("system.withdraw")}
          busy={busy}
          failure={failure}
          onClose={() => setWithdrawn(null)}
          onSure={() => void decide(() => got(api.DELETE("/api/v1/outbox/{job_id}", path(withdrawn))))}
        >
          {word("system.withdrawReally", { to: withdrawn.recipient })}
        </Sure>
      )}
      {found.hasNextPage && (
        <Button onPress={() => void found.fetchNextPage()} isDisabled={found.isFetchingNextPage}>
          {word("moreOfThem")}
        </Button>
      )}
    </Card>
  );
}
