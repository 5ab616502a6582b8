/** The queues now, and today; the lines. */

import { useMemo } from "react";
import { Link } from "react-router";
import { Age } from "../parts/Age";
import { Card } from "../parts/Card";
import { type LiveColumn, LiveTable } from "../parts/LiveTable";
import { named, useWords, word as wordNow } from "../words/words";
import type { CentreFigures, QueueFigures } from "./floor_state";
import { seconds, share } from "./format";
import { useFloorState } from "./use_floor";

export function QueueBoard() {
  const { word, language } = useWords();
  const { figures } = useFloorState();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the heads are words of the page's language
  const columns = useMemo(queueColumns, [language]);
  return (
    <Card id="queues" title={word("floor.queues")}>
      <LiveTable
        id="queue-board"
        label={word("floor.queues")}
        columns={columns}
        rows={figures ? Object.values(figures.queues) : []}
        idOf={({ queue }) => queue}
        empty={word(figures ? "floor.noQueues" : "loading")}
      />
    </Card>
  );
}

function queueColumns(): LiveColumn<QueueFigures>[] {
  const today: [
    id: string,
    name: Parameters<typeof wordNow>[0],
    cell: (row: QueueFigures) => string | number,
  ][] = [
    ["level", "floor.level", ({ today }) => share(today.service_level)],
    ["abandoned", "floor.abandoned", ({ today }) => share(today.abandon_rate)],
    ["offered", "floor.offered", ({ today }) => today.offered],
    ["answered", "floor.answered", ({ today }) => today.answered],
    ["asa", "floor.asa", ({ today }) => seconds(today.asa)],
    ["aht", "floor.aht", ({ today }) => seconds(today.aht)],
  ];
  return [
    {
      id: "queue",
      label: wordNow("floor.queue"),
      by: ({ queue }) => named("queueName", queue),
      cell: ({ queue }) => (
        <Link to={`/supervisor/queues/${encodeURIComponent(queue)}`}>{named("queueName", queue)}</Link>
      ),
    },
    {
      id: "waiting",
      label: wordNow("floor.waiting"),
      number: true,
      by: ({ waiting, ringing }) => waiting + ringing,
      cell: ({ waiting, ringing }) => <strong>{waiting + ringing}</strong>,
    },
    {
      id: "longest",
      label: wordNow("floor.longest"),
      number: true,
      by: ({ longest_wait_since }) => longest_wait_since,
      cell: ({ longest_wait_since }) => (longest_wait_since ? <Age since={longest_wait_since} /> : "–"),
    },
    {
      id: "ready",
      label: wordNow("floor.ready"),
      number: true,
      by: ({ agents }) => agents.ready ?? 0,
      cell: ({ agents }) => agents.ready ?? 0,
    },
    {
      id: "talking",
      label: wordNow("floor.talking"),
      number: true,
      by: ({ talking }) => talking,
      cell: ({ talking }) => talking,
    },
    {
      id: "away",
      label: wordNow("floor.away"),
      number: true,
      by: ({ agents }) => agents.not_ready ?? 0,
      cell: ({ agents }) => agents.not_ready ?? 0,
    },
    ...today.map(([id, name, cell]) => ({ id, label: wordNow(name), number: true, by: cell, cell })),
  ];
}

type Trunk = CentreFigures["trunks"][number];

export function Trunks({ trunks }: { trunks: readonly Trunk[] }) {
  const { word, language } = useWords();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the heads are words of the page's language
  const columns = useMemo(trunkColumns, [language]);
  return (
    <Card id="trunks" title={word("floor.trunks")}>
      <LiveTable
        label={word("floor.trunks")}
        columns={columns}
        rows={trunks}
        idOf={({ trunk }) => trunk}
        empty={word("floor.noTrunks")}
      />
    </Card>
  );
}

function trunkColumns(): LiveColumn<Trunk>[] {
  return [
    { id: "trunk", label: wordNow("floor.trunk"), by: ({ trunk }) => trunk, cell: ({ trunk }) => trunk },
    {
      id: "busy",
      label: wordNow("floor.lines"),
      number: true,
      by: ({ busy }) => busy,
      cell: ({ busy, lines }) => (lines ? `${busy} / ${lines}` : busy),
    },
    { id: "peak", label: wordNow("floor.peak"), number: true, cell: ({ today }) => today.peak },
    { id: "refused", label: wordNow("floor.refused"), number: true, cell: ({ today }) => today.refused },
  ];
}
