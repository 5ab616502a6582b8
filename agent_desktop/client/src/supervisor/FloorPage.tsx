/** What a supervisor sees first: the centre, its queues, its people, and what they are to look at. */

import { MonitorPlay } from "lucide-react";
import { Link } from "react-router";
import { Pill } from "../parts/Card";
import { may, useSession } from "../session/session";
import { useWords } from "../words/words";
import { AgentGrid } from "./AgentGrid";
import { AlertsCard } from "./AlertsCard";
import { CentreTiles } from "./CentreTiles";
import { QueueBoard, Trunks } from "./QueueBoard";
import { useFloorState } from "./use_floor";

export function FloorPage() {
  const { word } = useWords();
  const { account } = useSession();
  const { figures, link } = useFloorState();
  return (
    <>
      <div className="page-head">
        <h1>{word("floor.title")}</h1>
        {figures && link === "down" && (
          <Pill kind="bad" role="status">
            {word("floor.down")}
          </Pill>
        )}
        <span className="gap" />
        <Link to="/wall" className="button">
          <MonitorPlay aria-hidden="true" />
          {word("floor.wall")}
        </Link>
      </div>
      {figures && <CentreTiles centre={figures.centre} />}
      <div className="floor">
        <div className="stack">
          <QueueBoard />
          <AgentGrid />
        </div>
        <div className="stack">
          {may(account, "alerts.read") && <AlertsCard />}
          {figures && <Trunks trunks={figures.centre.trunks} />}
        </div>
      </div>
    </>
  );
}
