/** The processes that carry calls' audio; one can be replaced while its calls go on. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../parts/Button";
import { Card } from "../../parts/Card";
import { DataTable } from "../../parts/DataTable";
import { Dialog } from "../../parts/Dialog";
import { Failure } from "../../parts/Failure";
import { useDone } from "../../parts/useDone";
import { api, got, type Schemas } from "../../server/rest";
import { useWords } from "../../words/words";

type Worker = Schemas["MediaWorkerView"];

const EVERY = 10_000; // ms

export function WorkersCard() {
  const { word } = useWords();
  const queries = useQueryClient();
  const [wanted, setWanted] = useState<Worker | null>(null);
  const { busy, failure, attempt } = useDone();
  const workers = useQuery({
    queryKey: ["media-workers"],
    queryFn: () => got(api.GET("/api/v1/media/workers")),
    refetchInterval: EVERY,
  });
  async function drain({ number }: Worker) {
    await attempt(() =>
      got(api.POST("/api/v1/media/workers/{number}/drain", { params: { path: { number: String(number) } } })),
    );
    setWanted(null);
    await queries.invalidateQueries({ queryKey: ["media-workers"] });
  }
  return (
    <Card id="workers" title={word("system.workers")}>
      <Failure of={workers.error} />
      <Failure of={failure} exact />
      <DataTable
        label={word("system.workers")}
        rows={workers.data ?? []}
        idOf={({ number }) => String(number)}
        empty={word(workers.isPending ? "loading" : "system.noWorkers")}
        columns={[
          { id: "number", label: word("system.worker"), cell: ({ number }) => number },
          { id: "legs", label: word("system.legs"), cell: ({ legs }) => legs, number: true },
          {
            id: "successor",
            label: word("system.workerState"),
            cell: ({ successor }) =>
              successor === null ? word("system.takesCalls") : word("system.drains", { successor }),
          },
          {
            id: "drain",
            label: <span className="visually-hidden">{word("system.drain")}</span>,
            cell: (one) =>
              one.successor === null && (
                <Button isDisabled={busy} onPress={() => setWanted(one)}>
                  {word("system.drain")}
                </Button>
              ),
          },
        ]}
      />
      <Dialog title={word("system.drain")} isOpen={wanted !== null} onClose={() => setWanted(null)}>
        {wanted && (
          <>
            <p>{word("system.drainReally", { number: wanted.number, legs: wanted.legs })}</p>
            <div className="buttons">
              <Button id="drain-really" look="primary" isDisabled={busy} onPress={() => void drain(wanted)}>
                {word("system.drain")}
              </Button>
              <Button onPress={() => setWanted(null)}>{word("cancel")}</Button>
            </div>
          </>
        )}
      </Dialog>
    </Card>
  );
}
