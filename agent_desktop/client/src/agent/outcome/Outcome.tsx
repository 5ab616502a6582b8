/** What became of the contact: its code, a note and the form of the code, while one talks or wraps up. */

import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Desk } from "../../desk/desk";
import { useDraft } from "../../desk/drafts";
import { showTrouble } from "../../desk/seat";
import { Button } from "../../parts/Button";
import { Card } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { Checkbox, TextField } from "../../parts/Fields";
import { JsonForm } from "../../parts/JsonForm";
import { begun, fieldsOf, filled, type Schema, type Values } from "../../parts/json_form";
import { useDone } from "../../parts/useDone";
import { api, got, Refusal, type Schemas } from "../../server/rest";
import { useWords, whyNot } from "../../words/words";
import { Codes, useCodes } from "./Codes";
import { WrapUpTimer } from "./WrapUpTimer";

interface OutcomeProps {
  desk: Desk;
  interaction: string;
  queue: string;
}

interface Written {
  code: string;
  note: string;
  values: Values;
}

type Disposition = Schemas["DispositionView"];

const NOTHING: Written = { code: "", note: "", values: {} };

export function Outcome({ desk, interaction, queue }: OutcomeProps) {
  const { word } = useWords();
  const wrapUp = desk.agent?.wrap_up?.interaction_id === interaction ? desk.agent.wrap_up : null;
  const recorded = useQuery({
    queryKey: ["disposition", interaction],
    queryFn: () => recordedFor(interaction),
  });
  const [again, setAgain] = useState(false);
  return (
    <Card id="outcome" title={word("outcome")} beside={wrapUp && <WrapUpTimer desk={desk} wrapUp={wrapUp} />}>
      {wrapUp?.owes_disposition && (
        <p id="owed" className="warn-line">
          {word("outcomeOwed")}
        </p>
      )}
      <Failure of={recorded.error} />
      {recorded.data && !again ? (
        <Recorded desk={desk} queue={queue} recorded={recorded.data} onChange={() => setAgain(true)} />
      ) : (
        <OutcomeForm
          key={recorded.data?.version ?? 0}
          desk={desk}
          interaction={interaction}
          queue={queue}
          before={recorded.data ?? null}
          onRecorded={() => {
            sessionStorage.setItem(RECORDED + interaction, "1");
            setAgain(false);
            void recorded.refetch();
          }}
        />
      )}
    </Card>
  );
}

const RECORDED = "hotline.outcome."; // and the interaction: what was recorded on this page, before a reload, too

interface RecordedOutcome extends Disposition {
  /** Of the form that goes with the code. */
  values: Values;
}

/** What was recorded on another page is found by the conflict with it. */
async function recordedFor(interaction: string): Promise<RecordedOutcome | null> {
  if (!sessionStorage.getItem(RECORDED + interaction)) return null;
  const path = { interaction_id: interaction };
  try {
    const recorded = await got(
      api.GET("/api/v1/interactions/{interaction_id}/disposition", { params: { path } }),
    );
    return { ...recorded, values: await valuesOf(recorded) };
  } catch (error) {
    if (error instanceof Refusal && error.status === 404) return null;
    throw error;
  }
}

async function valuesOf({ filled_form_id }: Disposition): Promise<Values> {
  if (!filled_form_id) return {};
  const path = { filled_id: filled_form_id };
  return (await got(api.GET("/api/v1/filled-forms/{filled_id}", { params: { path } }))).values;
}

interface RecordedProps {
  desk: Desk;
  queue: string;
  recorded: Disposition;
  onChange(): void;
}

function Recorded({ desk, queue, recorded, onChange }: RecordedProps) {
  const { word } = useWords();
  const { labelOf } = useCodes(queue);
  return (
    <div className="stack" id="recorded">
      <p>
        <strong>{labelOf(recorded.code)}</strong> {recorded.note}
      </p>
      <div className="buttons">
        {desk.agent?.wrap_up && (
          <Button id="end-wrap-up" look="go" onPress={() => void desk.setState("ready")}>
            {word("endWrapUp")}
          </Button>
        )}
        <Button look="quiet" onPress={onChange}>
          {word("change")}
        </Button>
      </div>
    </div>
  );
}

interface FormProps extends OutcomeProps {
  before: RecordedOutcome | null;
  onRecorded(): void;
}

/** What stands is what a change begins with. */
function asWritten({ code, note, values }: RecordedOutcome, codes: ReturnType<typeof useCodes>): Written {
  const schema = (codes.formOf(code)?.definition ?? {}) as Schema;
  return { code, note: note ?? "", values: begun(fieldsOf(schema), values) };
}

function OutcomeForm({ desk, interaction, queue, before, onRecorded }: FormProps) {
  const { word } = useWords();
  const codes = useCodes(queue);
  const draft = useDraft<Written>("disposition", interaction, before ? asWritten(before, codes) : NOTHING);
  const { busy, failure, attempt } = useDone();
  const [thenReady, setThenReady] = useState(true);
  const { code, note, values } = draft.content;
  const form = codes.formOf(code);
  const schema = (form?.definition ?? null) as Schema | null;
  /** Another page of the agent's was faster: that is shown, and can be changed. */
  function elsewhere(error: unknown): never {
    if (error instanceof Refusal && error.problem === "EditConflict") {
      showTrouble(() => whyNot(error));
      onRecorded();
    }
    throw error;
  }
  async function submit(event: FormEvent) {
    event.preventDefault();
    const body = {
      code,
      note: note.trim() || null,
      values: form && schema ? filled(fieldsOf(schema), values) : null,
      form_version: form?.latest ?? null,
      version: before?.version ?? null,
    };
    const params = { path: { interaction_id: interaction } };
    const record = () => got(api.PUT("/api/v1/interactions/{interaction_id}/disposition", { params, body }));
    if (!(await attempt(() => record().catch(elsewhere)))) return;
    draft.drop();
    if (thenReady && desk.agent?.state === "wrap_up") await desk.setState("ready");
    onRecorded();
  }
  return (
    <form id="disposition" className="stack" onSubmit={submit}>
      <Failure of={codes.error} />
      <Codes codes={codes.active} code={code} onChange={(to) => draft.change({ code: to })} />
      {schema && (
        <JsonForm key={code} schema={schema} values={values} change={(to) => draft.change({ values: to })} />
      )}
      <TextField
        id="outcome-note"
        label={word("outcomeNote")}
        lines={2}
        maxLength={2000}
        value={note}
        onChange={(to) => draft.change({ note: to })}
      />
      <Failure of={failure} />
      {Boolean(draft.failure) && <p className="muted">{word("draftNotKept")}</p>}
      <div className="buttons">
        <Button id="record-outcome" type="submit" look="primary" isDisabled={busy || !code}>
          {word("recordOutcome")}
        </Button>
        {desk.agent?.state === "wrap_up" && (
          <Checkbox isSelected={thenReady} onChange={setThenReady}>
            {word("readyWhenDone")}
          </Checkbox>
        )}
      </div>
    </form>
  );
}
