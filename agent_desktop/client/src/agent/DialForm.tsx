import { Phone } from "lucide-react";
import type { FormEvent } from "react";
import type { Desk } from "../desk/desk";
import { Button } from "../parts/Button";
import { useWords } from "../words/words";

/** Call a number on behalf of a queue. */
export function DialForm({ desk }: { desk: Desk }) {
  const { word, named } = useWords();
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    void desk.dial(String(given.get("number")).trim(), String(given.get("queue")));
  }
  return (
    <form id="dial" className="row dial" onSubmit={submit}>
      <label>
        <span className="muted">{word("dialNumber")}</span>
        <input
          id="dial-number"
          name="number"
          className="native"
          inputMode="tel"
          autoComplete="off"
          spellCheck={false}
          required
        />
      </label>
      <label>
        <span className="muted">{word("onBehalfOf")}</span>
        <select id="dial-queue" name="queue" className="native">
          {desk.lists.queues.map((queue) => (
            <option key={queue} value={queue}>
              {named("queueName", queue)}
            </option>
          ))}
        </select>
      </label>
      <Button type="submit">
        <Phone />
        {word("dial")}
      </Button>
    </form>
  );
}
