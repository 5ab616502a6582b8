/** What is done about a target's figure: who, since when, how it stood then, and what came of it. */

import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { Button } from "../../parts/Button";
import { Card } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { TextField } from "../../parts/Fields";
import { Listed } from "../../parts/Listed";
import { api, got } from "../../server/rest";
import { may, useSession } from "../../session/session";
import { useWords } from "../../words/words";
import { Light } from "./Light";
import { type Action, dayOf, type Standing } from "./target";
import { ofTarget, useTargetEdit } from "./useTargets";

export function ActionLog({ target }: { target: Standing }) {
  const { word } = useWords();
  const { account } = useSession();
  const { id, definition } = target;
  const actions = useQuery({
    queryKey: [...ofTarget(id), "actions"],
    queryFn: () =>
      got(api.GET("/api/v1/targets/{definition_id}/actions", { params: { path: { definition_id: id } } })),
  });
  const manages = may(account, "targets.manage");
  return (
    <Card id="actions" title={word("target.actions")}>
      <Listed of={actions} empty={word("target.noActions")} idOf={(one) => one.id}>
        {(one) => (
          <div className="action">
            <strong>{one.measure}</strong>
            <span className="muted">
              {`${one.owner} · ${one.begun_on} – ${one.ended_on ?? ""} · ${word("target.noted", { who: one.noted_by })}`}
            </span>
            <Light light={one.light_before} value={one.value_before} kpi={definition.kpi} />
            {one.outcome ? (
              <span>{`${word("target.outcome")}: ${one.outcome}`}</span>
            ) : (
              manages && <Outcome key={one.version} target={id} action={one} />
            )}
          </div>
        )}
      </Listed>
      {manages && <NewAction target={id} owner={account?.name ?? ""} />}
    </Card>
  );
}

function Outcome({ target, action }: { target: string; action: Action }) {
  const { word } = useWords();
  const { busy, failure, attempt } = useTargetEdit(target);
  const [outcome, setOutcome] = useState("");
  const [ended, setEnded] = useState(action.ended_on ?? dayOf(new Date()));
  const params = { path: { definition_id: target, action_id: action.id } };
  function submit(event: FormEvent) {
    event.preventDefault();
    const body = { version: action.version, outcome: outcome.trim(), ended_on: ended };
    void attempt(() =>
      got(api.PATCH("/api/v1/targets/{definition_id}/actions/{action_id}", { params, body })),
    );
  }
  return (
    <Form className="outcome-form" onSubmit={submit}>
      <TextField label={word("target.outcome")} value={outcome} onChange={setOutcome} maxLength={2000} />
      <TextField label={word("target.ended")} type="date" value={ended} onChange={setEnded} isRequired />
      <Button type="submit" isDisabled={busy || !outcome.trim()}>
        {word("save")}
      </Button>
      <Failure of={failure} />
    </Form>
  );
}

function NewAction({ target, owner: me }: { target: string; owner: string }) {
  const { word } = useWords();
  const { busy, failure, attempt } = useTargetEdit(target);
  const [measure, setMeasure] = useState("");
  const [owner, setOwner] = useState(me);
  const [begun, setBegun] = useState(dayOf(new Date()));
  async function submit(event: FormEvent) {
    event.preventDefault();
    const body = { measure: measure.trim(), owner: owner.trim(), begun_on: begun };
    const params = { path: { definition_id: target } };
    const done = await attempt(() =>
      got(api.POST("/api/v1/targets/{definition_id}/actions", { params, body })),
    );
    if (done) setMeasure("");
  }
  return (
    <Form id="new-action" className="outcome-form" onSubmit={(event) => void submit(event)}>
      <TextField label={word("target.measure")} value={measure} onChange={setMeasure} maxLength={2000} />
      <TextField label={word("target.owner")} value={owner} onChange={setOwner} maxLength={200} />
      <TextField label={word("target.begun")} type="date" value={begun} onChange={setBegun} isRequired />
      <Button type="submit" look="primary" isDisabled={busy || !measure.trim() || !owner.trim()}>
        {word("target.addAction")}
      </Button>
      <Failure of={failure} />
    </Form>
  );
}
