import { Check } from "lucide-react";
import type { Desk } from "../desk/desk";
import { Button } from "../parts/Button";
import { moment } from "../parts/time";
import { useWords } from "../words/words";

/** What supervisors wrote: it stays until it is read, over a reload, too. */
export function Messages({ desk }: { desk: Desk }) {
  const { word, named } = useWords();
  const { unread } = desk.messages;
  return (
    <div id="messages" className="messages" role="alert">
      {unread.map(({ id, kind, supervisor_id, text, sent_at }) => (
        <div key={id} className="message">
          <span className="gap">
            <strong>{`${named("message", kind)} · ${supervisor_id}`}</strong>{" "}
            <span className="muted">{moment(sent_at)}</span>
            <br />
            {text}
          </span>
          <Button onPress={() => void desk.read(id)}>
            <Check />
            {word("haveRead")}
          </Button>
        </div>
      ))}
    </div>
  );
}
