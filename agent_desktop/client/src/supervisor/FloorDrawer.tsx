import { useState } from "react";
import { Empty } from "../parts/Card";
import { Drawer } from "../parts/Drawer";
import { inLanguage, useWords } from "../words/words";
import { AgentPanel } from "./AgentPanel";
import { ContactPanel } from "./ContactPanel";
import { useDrawer } from "./drawer";
import type { Alert } from "./floor_state";
import { SurgePanel } from "./SurgePanel";
import { useFloorState } from "./use_floor";

/** Whom, or what, the page's address is about. */
export function FloorDrawer() {
  const { word } = useWords();
  const { agents } = useFloorState();
  const { agent, contact, alert, close } = useDrawer();
  const who = agent ? agents[agent] : undefined;
  if (agent && who)
    return (
      <Drawer title={`${who.name} · ${who.number}`} about={agent} onClose={close}>
        <AgentPanel key={agent} agent={who} />
      </Drawer>
    );
  if (contact)
    return (
      <Drawer title={word("seat.contact")} about={contact} onClose={close}>
        <ContactPanel key={contact} contact={contact} />
      </Drawer>
    );
  return alert ? <AlertDrawer key={alert} id={alert} onClose={close} /> : null;
}

/** An alert that is over stays here until it is closed: somebody may be typing what callers are told. */
function AlertDrawer({ id, onClose }: { id: string; onClose(): void }) {
  const { word } = useWords();
  const { alerts, link } = useFloorState();
  const now = alerts[id];
  const [last, setLast] = useState<Alert>();
  if (now && now !== last) setLast(now);
  const alert = now ?? last;
  return (
    <Drawer title={alert ? inLanguage(alert.labels) : word("alerts.title")} about={id} onClose={onClose}>
      {alert?.surge ? (
        <SurgePanel alert={alert} surge={alert.surge} isOver={!now && link === "up"} />
      ) : (
        <Empty>{word(link === "up" ? "alerts.gone" : "loading")}</Empty>
      )}
    </Drawer>
  );
}
