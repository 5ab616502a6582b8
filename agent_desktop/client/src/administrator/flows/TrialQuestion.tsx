/** What the caller can do now: one of what is offered, keys, words, silence, or a message. */

import { type FormEvent, useState } from "react";
import { Button } from "../../parts/Button";
import { TextField } from "../../parts/Fields";
import type { Schemas } from "../../server/rest";
import { useWords } from "../../words/words";

export type Deed = Schemas["CallerDeed"];

interface TrialQuestionProps {
  /** Null where a message is to be left. */
  of: Schemas["TrialQuestion"] | null;
  busy: boolean;
  onDone(deed: Deed): void;
}

const MESSAGE = "10"; // seconds

export function TrialQuestion({ of, busy, onDone }: TrialQuestionProps) {
  const { word } = useWords();
  const [keys, setKeys] = useState("");
  const [seconds, setSeconds] = useState(MESSAGE);
  function send(event: FormEvent) {
    event.preventDefault();
    if (!busy) onDone(of ? { presses: keys, clear: true } : { records: Number(seconds), clear: true });
  }
  return (
    <form className="stack question" onSubmit={send} aria-label={word("flows.callersTurn")}>
      <h3>{word("flows.callersTurn")}</h3>
      {of && of.options.length > 0 && (
        <div className="buttons">
          {of.options.map(({ answer, label }) => (
            <Button
              key={answer}
              data-answer={answer}
              isDisabled={busy}
              onPress={() => onDone({ presses: answer, clear: true })}
            >
              {answer} · {label}
            </Button>
          ))}
        </div>
      )}
      {of && of.phrases.length > 0 && (
        <div className="buttons">
          {of.phrases.map((phrase) => (
            <Button key={phrase} isDisabled={busy} onPress={() => onDone({ says: phrase, clear: true })}>
              {word("flows.said", { words: phrase })}
            </Button>
          ))}
        </div>
      )}
      <div className="row">
        {of ? (
          <TextField
            name="keys"
            label={word("flows.keys", { from: of.min_digits, to: of.max_digits })}
            value={keys}
            onChange={setKeys}
            pattern="[0-9*#A-D]*"
            maxLength={64}
            isRequired
          />
        ) : (
          <TextField
            name="seconds"
            type="number"
            step="any"
            label={word("flows.messageSeconds")}
            value={seconds}
            onChange={setSeconds}
            isRequired
          />
        )}
        <Button id="trial-do" type="submit" look="primary" isDisabled={busy}>
          {word(of ? "flows.press" : "flows.speak")}
        </Button>
        <Button id="trial-silent" isDisabled={busy} onPress={() => onDone({ clear: true })}>
          {word("flows.beSilent")}
        </Button>
      </div>
    </form>
  );
}
