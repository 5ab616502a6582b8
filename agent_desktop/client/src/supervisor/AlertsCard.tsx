/** What somebody is to look at, the worst and the newest first. */

import { Link } from "react-router";
import { Button } from "../parts/Button";
import { Card, type Kind, Pill } from "../parts/Card";
import { moment } from "../parts/time";
import { api, got } from "../server/rest";
import { may, useSession } from "../session/session";
import { inLanguage, useWords } from "../words/words";
import { useAct } from "./act";
import { useDrawer } from "./drawer";
import type { Alert } from "./floor_state";
import { Recording } from "./Recording";
import { useFloor, useFloorState } from "./use_floor";

const GRAVITY: Record<Alert["severity"], number> = { critical: 0, warning: 1, info: 2 };
const KINDS: Record<Alert["severity"], Kind> = { critical: "bad", warning: "warn", info: "plain" };

export function AlertsCard() {
  const { word } = useWords();
  const { account } = useSession();
  const floor = useFloor();
  const { alerts, link } = useFloorState();
  const items = Object.values(alerts).sort(
    (one, other) =>
      GRAVITY[one.severity] - GRAVITY[other.severity] || other.raised_at.localeCompare(one.raised_at),
  );
  return (
    <Card
      id="alerts"
      title={word("alerts.title")}
      beside={
        <>
          {items.length > 0 && <Pill kind="bad">{items.length}</Pill>}
          {may(account, "alerts.manage") && (
            <Link to="/administrator/alert-rules">{word("alerts.rules")}</Link>
          )}
        </>
      }
    >
      {items.length ? (
        <ul className="stack">
          {items.map((alert) => (
            <AlertItem key={alert.id} alert={alert} />
          ))}
        </ul>
      ) : (
        <p className="empty">{word(floor && link === "up" ? "alerts.none" : "loading")}</p>
      )}
    </Card>
  );
}

function AlertItem({ alert }: { alert: Alert }) {
  const { word, named } = useWords();
  const { account } = useSession();
  const { show } = useDrawer();
  const { busy, act } = useAct();
  const { id, kind, severity, labels, contact_id, agent_id, recording_id, acknowledged_by } = alert;
  const acknowledge = () =>
    act(() => got(api.POST("/api/v1/alerts/{alert_id}/acknowledge", { params: { path: { alert_id: id } } })));
  const about = [
    named("queueName", alert.queue),
    agent_id,
    alert.team,
    alert.ticket_number,
    alert.one_way_audio?.party,
  ];
  return (
    <li className="alert-item" data-alert={kind}>
      <span>
        <Pill kind={KINDS[severity]}>{named("severity", severity)}</Pill>{" "}
        <strong>{inLanguage(labels)}</strong>
      </span>
      <span className="muted">{[moment(alert.raised_at), ...about].filter(Boolean).join(" · ")}</span>
      <div className="buttons">
        {alert.surge && <Button onPress={() => show({ alert: id })}>{word("alerts.whatIsNew")}</Button>}
        {contact_id && <Button onPress={() => show({ contact: contact_id })}>{word("alerts.open")}</Button>}
        {acknowledged_by ? (
          <span className="muted">{word("alerts.seenBy", { who: acknowledged_by })}</span>
        ) : (
          may(account, "alerts.acknowledge") && (
            <Button look="primary" isDisabled={busy} onPress={() => void acknowledge()}>
              {word("alerts.acknowledge")}
            </Button>
          )
        )}
      </div>
      {recording_id && may(account, "recordings.play") && (
        <Recording id={recording_id} label={word("alerts.hear")} />
      )}
    </li>
  );
}
