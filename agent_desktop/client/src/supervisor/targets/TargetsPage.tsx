import { Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { Button } from "../../parts/Button";
import { Card } from "../../parts/Card";
import { Dialog } from "../../parts/Dialog";
import { Failure } from "../../parts/Failure";
import { type LiveColumn, LiveTable } from "../../parts/LiveTable";
import { may, useSession } from "../../session/session";
import { named, useWords, word as wordNow } from "../../words/words";
import { Light } from "./Light";
import { TargetForm } from "./TargetForm";
import { type Colour, lessIsBetter, type Standing, written } from "./target";
import { useTargets } from "./useTargets";

const GRAVITY: Record<Colour, number> = { red: 0, yellow: 1, green: 2, none: 3 };

export function TargetsPage() {
  const { word, language } = useWords();
  const { account } = useSession();
  const targets = useTargets();
  const [isNew, setNew] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the heads are words of the page's language
  const columns = useMemo(columnsNow, [language]);
  return (
    <>
      <div className="page-head">
        <h1>{word("targets")}</h1>
        <span className="gap" />
        {may(account, "targets.manage") && (
          <Button id="new-target" look="primary" onPress={() => setNew(true)}>
            <Plus aria-hidden="true" />
            {word("target.new")}
          </Button>
        )}
      </div>
      <Failure of={targets.error} />
      <Card title={word("target.standing")}>
        <LiveTable
          id="targets"
          label={word("target.standing")}
          columns={columns}
          rows={targets.data ?? []}
          idOf={({ id }) => id}
          empty={word(targets.isPending ? "loading" : "target.nothing")}
          sorted={{ column: "today", direction: "ascending" }}
        />
      </Card>
      <Dialog title={word("target.new")} isOpen={isNew} onClose={() => setNew(false)}>
        <TargetForm onDone={() => setNew(false)} />
      </Dialog>
    </>
  );
}

function columnsNow(): LiveColumn<Standing>[] {
  return [
    {
      id: "figure",
      label: wordNow("target.figure"),
      by: ({ definition }) => named("kpi", definition.kpi),
      cell: ({ id, definition }) => <Link to={`/targets/${id}`}>{named("kpi", definition.kpi)}</Link>,
    },
    {
      id: "of",
      label: wordNow("target.of"),
      by: ({ definition }) => definition.name ?? "",
      cell: ({ definition: { subject, name } }) =>
        [named("subject", subject), name].filter(Boolean).join(" "),
    },
    {
      id: "bounds",
      label: wordNow("target.bounds"),
      cell: ({ definition: { kpi, green, yellow } }) =>
        `${lessIsBetter(kpi) ? "≤" : "≥"} ${written(kpi, green)} · ${written(kpi, yellow)}`,
    },
    {
      id: "recent",
      label: wordNow("target.recent"),
      cell: ({ recent, definition }) => <Light {...recent} kpi={definition.kpi} />,
    },
    {
      id: "interval",
      label: wordNow("target.interval"),
      cell: ({ interval, definition }) => <Light {...interval} kpi={definition.kpi} />,
    },
    {
      id: "today",
      label: wordNow("floor.today"),
      by: ({ light }) => GRAVITY[light],
      cell: ({ light, value, definition, in_force }) =>
        in_force ? (
          <Light light={light} value={value} kpi={definition.kpi} />
        ) : (
          <span className="muted">{wordNow("target.notInForce")}</span>
        ),
    },
    {
      id: "actions",
      label: wordNow("target.openActions"),
      number: true,
      by: ({ actions_open }) => actions_open,
      cell: ({ actions_open }) => actions_open,
    },
    {
      id: "days",
      label: wordNow("target.days"),
      by: ({ definition }) => definition.valid_from,
      cell: ({ definition: { valid_from, valid_until } }) => (
        <span className="numbers">{`${valid_from} – ${valid_until ?? ""}`}</span>
      ),
    },
  ];
}
