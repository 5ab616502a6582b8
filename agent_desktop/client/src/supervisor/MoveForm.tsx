import { useState } from "react";
import { Button } from "../parts/Button";
import { Select } from "../parts/Fields";
import { api, got, type Schemas } from "../server/rest";
import { named, useWords } from "../words/words";
import { useAct } from "./act";
import { useFloorState } from "./use_floor";

type Moved = Schemas["ContactsMoved"];

interface MoveFormProps {
  queue: string;
  chosen: readonly string[];
  /** How many there are to be moved at all. */
  count: number;
  onMoved(): void;
}

/** Have some, or all, wait in another queue from their own first moment. */
export function MoveForm({ queue, chosen, count, onMoved }: MoveFormProps) {
  const { word } = useWords();
  const { figures } = useFloorState();
  const { busy, act } = useAct();
  const [to, setTo] = useState<string | null>(null);
  const [moved, setMoved] = useState<Moved | null>(null);
  const others = Object.values(figures?.queues ?? {})
    .filter((one) => one.queue !== queue)
    .map(({ queue: id }) => ({ id, label: named("queueName", id) }));
  async function move(which: { contact_ids: string[] } | { all: true }) {
    if (!to) return;
    const params = { path: { queue } };
    await act(async () => {
      setMoved(await got(api.POST("/api/v1/queues/{queue}/move", { params, body: { to, ...which } })));
      onMoved();
    });
  }
  const reasons = new Set((moved?.contacts ?? []).flatMap(({ problem }) => (problem ? [problem] : [])));
  return (
    <div className="row" id="move">
      <Select id="move-to" label={word("waiting.to")} options={others} value={to} onChange={setTo} />
      <Button
        id="move-chosen"
        look="primary"
        isDisabled={busy || !to || !chosen.length}
        onPress={() => void move({ contact_ids: [...chosen] })}
      >
        {word("waiting.moveChosen", { count: chosen.length })}
      </Button>
      <Button id="move-all" isDisabled={busy || !to || !count} onPress={() => void move({ all: true })}>
        {word("waiting.moveAll")}
      </Button>
      <span role="status" id="moved">
        {moved && word("waiting.moved", { moved: moved.moved, wanted: moved.contacts.length })}{" "}
        {reasons.size > 0 &&
          word("waiting.notMoved", { why: [...reasons].map((one) => named("refusal", one)).join(", ") })}
      </span>
    </div>
  );
}
