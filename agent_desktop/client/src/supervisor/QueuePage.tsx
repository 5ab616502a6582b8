/** A queue's line: who waits, since when and for whom; and where else they could wait. */

import { ArrowLeft } from "lucide-react";
import { useMemo, useState } from "react";
import type { Selection } from "react-aria-components";
import { Link, useParams } from "react-router";
import { Age } from "../parts/Age";
import { type ColumnOf, DataTable } from "../parts/DataTable";
import { may, useSession } from "../session/session";
import { useWords, word as wordNow } from "../words/words";
import { Broadcasts } from "./Broadcasts";
import { useDrawer } from "./drawer";
import type { Waiting } from "./floor_state";
import { seconds } from "./format";
import { MoveForm } from "./MoveForm";
import { useFloorState } from "./use_floor";
import { inLine, stillThere } from "./waiting_rows";

export function QueuePage() {
  const { word, named, language } = useWords();
  const { account } = useSession();
  const { queue = "" } = useParams();
  const { waiting, agents } = useFloorState();
  const { show } = useDrawer();
  const [chosen, setChosen] = useState<Selection>(new Set());
  const line = waiting[queue];
  const rows = inLine(line);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the heads are words of the page's language
  const columns = useMemo(() => columnsFor((agent) => agents[agent]?.name ?? agent), [language, agents]);
  const moves = may(account, "contacts.control");
  const ids =
    chosen === "all" ? rows.map(({ contact_id }) => contact_id) : stillThere([...chosen].map(String), line);
  const all = (line?.waiting ?? 0) + (line?.offered ?? 0);
  const title = word("waiting.title", { queue: named("queueName", queue) });
  return (
    <>
      <div className="page-head">
        <Link to="/supervisor" className="button quiet">
          <ArrowLeft aria-hidden="true" />
          {word("waiting.back")}
        </Link>
        <h1>{title}</h1>
      </div>
      {moves && (
        <MoveForm queue={queue} chosen={ids} count={rows.length} onMoved={() => setChosen(new Set())} />
      )}
      {rows.length < all && <p className="muted">{word("waiting.first", { shown: rows.length, all })}</p>}
      <DataTable
        label={title}
        columns={columns}
        rows={rows}
        idOf={({ contact_id }) => contact_id}
        empty={word(line ? "waiting.nobody" : "loading")}
        choice={moves ? "multiple" : "none"}
        chosen={chosen}
        onChosen={setChosen}
        onOpen={({ contact_id }) => show({ contact: contact_id })}
      />
      <Broadcasts key={queue} of={{ subject: "queue", name: queue }} />
    </>
  );
}

function columnsFor(nameOf: (agent: string) => string): ColumnOf<Waiting>[] {
  return [
    {
      id: "caller",
      label: wordNow("waiting.caller"),
      cell: ({ number, customer }) => [customer?.name, number].filter(Boolean).join(" · ") || "–",
    },
    { id: "place", label: wordNow("waiting.place"), number: true, cell: ({ place }) => place ?? "–" },
    { id: "tier", label: wordNow("waiting.tier"), cell: ({ customer }) => customer?.tier ?? "" },
    {
      id: "since",
      label: wordNow("waiting.since"),
      number: true,
      by: ({ waiting_since }) => waiting_since,
      cell: ({ waiting_since }) => <Age since={waiting_since} />,
    },
    {
      id: "expected",
      label: wordNow("waiting.expected"),
      number: true,
      cell: ({ expected_wait }) => seconds(expected_wait?.p50),
    },
    {
      id: "priority",
      label: wordNow("waiting.priority"),
      number: true,
      by: ({ priority }) => priority,
      cell: ({ priority }) => priority,
    },
    { id: "language", label: wordNow("language"), cell: ({ language }) => language ?? "" },
    { id: "needs", label: wordNow("waiting.needs"), cell: ({ needs }) => needs.join(", ") },
    {
      id: "for",
      label: wordNow("waiting.goesTo"),
      cell: ({ offered_to, kept_for }) =>
        offered_to
          ? wordNow("waiting.ringing", { agent: nameOf(offered_to) })
          : kept_for
            ? wordNow("waiting.kept", { agent: nameOf(kept_for) })
            : "",
    },
  ];
}
