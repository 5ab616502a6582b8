import { useState } from "react";
import { useNavigate } from "react-router";
import { Button } from "../../parts/Button";
import { Failure } from "../../parts/Failure";
import { TextField } from "../../parts/Fields";
import { api, got } from "../../server/rest";
import { useWords } from "../../words/words";
import { dayOf, type Standing } from "./target";
import { useTargetEdit } from "./useTargets";

/** Its last day is set, and its history stays; or it is taken away, as one that should not have been. */
export function EndTarget({ target, onDone }: { target: Standing; onDone(): void }) {
  const { word } = useWords();
  const navigate = useNavigate();
  const { busy, failure, attempt } = useTargetEdit();
  const [last, setLast] = useState(target.definition.valid_until ?? dayOf(new Date()));
  const path = { definition_id: target.id };
  async function end() {
    const body = { version: target.version, definition: { ...target.definition, valid_until: last } };
    const done = await attempt(() =>
      got(api.PATCH("/api/v1/targets/{definition_id}", { params: { path }, body })),
    );
    if (done) onDone();
  }
  async function remove() {
    const query = { version: target.version };
    const done = await attempt(() =>
      got(api.DELETE("/api/v1/targets/{definition_id}", { params: { path, query } })),
    );
    if (done) await navigate("/targets");
  }
  return (
    <div className="stack">
      <Failure of={failure} />
      <TextField label={word("target.lastDay")} type="date" value={last} onChange={setLast} isRequired />
      <div className="buttons">
        <Button id="end-it" look="primary" isDisabled={busy || !last} onPress={() => void end()}>
          {word("target.end")}
        </Button>
        <Button id="remove-target" look="stop" isDisabled={busy} onPress={() => void remove()}>
          {word("target.remove")}
        </Button>
      </div>
      <p className="muted">{word("target.removeHint")}</p>
    </div>
  );
}
