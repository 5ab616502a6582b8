import { type FormEvent, useRef, useState } from "react";
import type { Desk } from "../desk/desk";
import { Button } from "../parts/Button";
import { useWords } from "../words/words";

type To = "queue" | "agent" | "number";

/** Pass the caller on: at once, or after a word with who is to have them. What was chosen stays while it is hidden. */
export function Transfer({ desk, hidden }: { desk: Desk; hidden: boolean }) {
  const { word, named } = useWords();
  const [to, setTo] = useState<To>("queue");
  const form = useRef<HTMLFormElement>(null);
  const { queues, colleagues } = desk.lists;
  function target() {
    const given = new FormData(form.current!);
    return { to, target: String(given.get("target") ?? "").trim() };
  }
  function transfer(event: FormEvent) {
    event.preventDefault();
    void desk.act({ type: "transfer", ...target() });
  }
  return (
    <details id="transfer-box" hidden={hidden} onToggle={() => void desk.readLists()}>
      <summary>{word("passOn")}</summary>
      <form id="transfer" ref={form} className="stack" onSubmit={transfer}>
        <div className="row">
          <label>
            <span className="muted">{word("to")}</span>
            <select
              id="transfer-kind"
              className="native"
              value={to}
              onChange={(event) => setTo(event.target.value as To)}
            >
              <option value="queue">{word("queue")}</option>
              <option value="agent">{word("colleague")}</option>
              <option value="number">{word("number")}</option>
            </select>
          </label>
          {to === "number" ? (
            <label>
              <span className="muted">{word("number")}</span>
              <input
                id="target-number"
                name="target"
                className="native"
                inputMode="tel"
                autoComplete="off"
                spellCheck={false}
              />
            </label>
          ) : (
            <label>
              <span className="muted">{word("whom")}</span>
              <select id="target-list" name="target" className="native">
                {to === "queue"
                  ? queues.map((queue) => (
                      <option key={queue} value={queue}>
                        {named("queueName", queue)}
                      </option>
                    ))
                  : colleagues.map(({ id, name, number, state }) => (
                      <option key={id} value={id}>{`${name} · ${number} · ${named("state", state)}`}</option>
                    ))}
              </select>
            </label>
          )}
        </div>
        <div className="buttons">
          <Button id="blind" type="submit">
            {word("transfer")}
          </Button>
          <Button id="consult" onPress={() => void desk.act({ type: "consult", ...target() })}>
            {word("consult")}
          </Button>
        </div>
      </form>
    </details>
  );
}
