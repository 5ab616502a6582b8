/** One target: how its figure stands, what it was, and what is done about it. */

import { ArrowLeft } from "lucide-react";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { Button } from "../../parts/Button";
import { Card, Facts } from "../../parts/Card";
import { Dialog } from "../../parts/Dialog";
import { Failure } from "../../parts/Failure";
import { may, useSession } from "../../session/session";
import { useWords } from "../../words/words";
import { ActionLog } from "./ActionLog";
import { EndTarget } from "./EndTarget";
import { History } from "./History";
import { Light } from "./Light";
import { TargetForm } from "./TargetForm";
import { type Standing, written } from "./target";
import { useTargets } from "./useTargets";

export function TargetPage() {
  const { word } = useWords();
  const { id = "" } = useParams();
  const { data, error } = useTargets();
  const target = data?.find((one) => one.id === id);
  return (
    <>
      <Link to="/targets" className="button quiet back">
        <ArrowLeft aria-hidden="true" />
        {word("target.back")}
      </Link>
      <Failure of={error} />
      {target ? (
        <Shown target={target} />
      ) : (
        !error && <p role="status">{word(data ? "target.gone" : "loading")}</p>
      )}
    </>
  );
}

function Shown({ target }: { target: Standing }) {
  const { word, named } = useWords();
  const { account } = useSession();
  const [doing, setDoing] = useState<"change" | "end" | null>(null);
  const { definition, recent, interval, light, value } = target;
  const { kpi, subject, name, green, yellow, valid_from, valid_until } = definition;
  const done = () => setDoing(null);
  return (
    <>
      <div className="page-head">
        <h1>{[named("kpi", kpi), named("subject", subject), name].filter(Boolean).join(" · ")}</h1>
        <span className="gap" />
        {may(account, "targets.manage") && (
          <>
            <Button id="change-target" onPress={() => setDoing("change")}>
              {word("change")}
            </Button>
            <Button id="end-target" look="stop" onPress={() => setDoing("end")}>
              {word("target.end")}
            </Button>
          </>
        )}
      </div>
      <Card title={word("target.standing")}>
        <Facts
          facts={[
            [word("target.recent"), <Light key="recent" {...recent} kpi={kpi} />],
            [word("target.interval"), <Light key="interval" {...interval} kpi={kpi} />],
            [word("floor.today"), <Light key="today" light={light} value={value} kpi={kpi} />],
            [word("target.green"), written(kpi, green)],
            [word("target.yellow"), written(kpi, yellow)],
            [word("target.days"), `${valid_from} – ${valid_until ?? ""}`],
          ]}
        />
      </Card>
      <History id={target.id} />
      <ActionLog target={target} />
      <Dialog title={word("change")} isOpen={doing === "change"} onClose={done}>
        <TargetForm target={target} onDone={done} />
      </Dialog>
      <Dialog title={word("target.end")} isOpen={doing === "end"} onClose={done}>
        <EndTarget target={target} onDone={done} />
      </Dialog>
    </>
  );
}
