/** Have something spoken to the customer: a text, or rows of what was looked up. */

import { type FormEvent, useState } from "react";
import type { CallAtHand } from "../desk/call";
import type { Desk } from "../desk/desk";
import { Button } from "../parts/Button";
import { TableBox } from "../parts/TableBox";
import { inLanguage, useWords } from "../words/words";
import { LookUp } from "./LookUp";
import { shown } from "./values";

export function ReadOut({ desk, call }: { desk: Desk; call: CallAtHand }) {
  const { word } = useWords();
  const [text, setText] = useState("");
  const spoken = desk.queries.offered.filter((query) => query.spoken.length);
  function submit(event: FormEvent) {
    event.preventDefault();
    if (text.trim()) void desk.readOut({ text: text.trim() });
  }
  return (
    <details id="read-out-box" onToggle={(event) => event.currentTarget.open && void desk.listQueries()}>
      <summary>{word("readOut")}</summary>
      {spoken.length > 0 && (
        <LookUp queries={spoken} onAsk={(query, values) => void desk.lookUp(query, values)} />
      )}
      <FoundRows key={desk.queries.found?.result_id} desk={desk} call={call} />
      <form id="read-out" className="stack" onSubmit={submit}>
        <label>
          <span className="muted">{word("readOutText")}</span>
          <textarea
            id="read-out-text"
            className="native"
            rows={3}
            maxLength={1000}
            autoComplete="off"
            required
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        <div className="buttons">
          <Button id="start-read-out" type="submit" isDisabled={call.reading}>
            {word("startReadOut")}
          </Button>
          {call.reading && (
            <>
              <Button id="stop-read-out" onPress={() => void desk.act({ type: "stop_read_out" })}>
                {word("stopReadOut")}
              </Button>
              <span id="being-read" className="muted" role="status">
                {word("beingRead")}
              </span>
            </>
          )}
        </div>
      </form>
    </details>
  );
}

function FoundRows({ desk, call }: { desk: Desk; call: CallAtHand }) {
  const { word } = useWords();
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set([0]));
  const [sideTone, setSideTone] = useState(true);
  const [then, setThen] = useState("");
  const found = desk.queries.foundFor(call.contact_id);
  if (!found) return null;
  if (!found.rows.length) return <p className="empty">{word("nothingFound")}</p>;
  const rows = [...chosen].sort((one, other) => one - other);
  function choose(row: number) {
    const next = new Set(chosen);
    if (!next.delete(row)) next.add(row);
    setChosen(next);
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    void desk.readRows(rows, sideTone);
  }
  return (
    <form id="read-rows" className="stack" onSubmit={submit}>
      <TableBox id="rows" label={word("chosenRow")}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{word("chosenRow")}</th>
              {found.columns.map(({ name, labels }) => (
                <th key={name} scope="col">
                  {inLanguage(labels)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.rows.map((row, number) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a result's rows are known by their number
              <tr key={number}>
                <td>
                  <input
                    type="checkbox"
                    aria-label={`${word("chosenRow")} ${number + 1}`}
                    checked={chosen.has(number)}
                    onChange={() => choose(number)}
                  />
                </td>
                {row.map((value, place) => (
                  <td key={found.columns[place]?.name}>{shown(value)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
      <div className="buttons">
        <Button id="start-read-rows" type="submit" isDisabled={call.reading}>
          {word("readRows")}
        </Button>
        <Button
          id="read-rows-and-leave"
          isDisabled={call.reading}
          onPress={() => void desk.readRows(rows, sideTone, { leave: true, afterwards: then || null })}
        >
          {word("readAndLeave")}
        </Button>
        <label className="tick">
          <input
            id="side-tone"
            type="checkbox"
            checked={sideTone}
            onChange={(event) => setSideTone(event.target.checked)}
          />
          {word("hearItToo")}
        </label>
      </div>
      {desk.lists.afterwards.length > 0 && (
        <label>
          <span className="muted">{word("afterLeaving")}</span>
          <select
            id="afterwards"
            className="native"
            value={then}
            onChange={(event) => setThen(event.target.value)}
          >
            <option value="">{word("callEnds")}</option>
            {desk.lists.afterwards.map((flow) => (
              <option key={flow}>{flow}</option>
            ))}
          </select>
        </label>
      )}
    </form>
  );
}
