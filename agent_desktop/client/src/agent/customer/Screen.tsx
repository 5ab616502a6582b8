/** Why the contact comes: what was dialled, chosen and noted. What comes from outside is text, never markup. */

import { Facts } from "../../parts/Card";
import { TableBox } from "../../parts/TableBox";
import { moment } from "../../parts/time";
import type { Pop, ScreenPop } from "../../server/told";
import { useWords } from "../../words/words";
import { pathInWords } from "../values";

export function Reason({ pop }: { pop: ScreenPop }) {
  const { word } = useWords();
  return (
    <Facts
      facts={[
        [word("subject"), pop.subject],
        [word("dialled"), pop.dialled_number],
        [word("dialledFirst"), pop.original_number],
        [word("waited"), `${Math.round(pop.waiting_seconds)} ${word("seconds")}`],
        [word("menu"), pathInWords(pop.menu_path)],
        ...Object.entries(pop.attributes),
      ]}
    />
  );
}

export function Notes({ pop }: { pop: ScreenPop }) {
  const { word } = useWords();
  if (!pop.notes.length) return null;
  return (
    <div>
      <h3 className="muted">{word("notes")}</h3>
      <ul className="notes">
        {pop.notes.map((note) => (
          <li key={note.at + note.text}>{`${note.agent_id}: ${note.text}`}</li>
        ))}
      </ul>
    </div>
  );
}

export function History({ pop }: { pop: Pop }) {
  const { word, named } = useWords();
  if (!pop.history.length) return null;
  return (
    <TableBox label={word("history")}>
      <table className="table">
        <caption className="muted">{word("history")}</caption>
        <thead>
          <tr>
            {(["when", "channel", "queue", "outcome"] as const).map((name) => (
              <th key={name} scope="col">
                {word(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {pop.history.map((past) => (
            <tr key={past.contact_id}>
              <td>{moment(past.arrived_at)}</td>
              <td>{named("channel", past.channel)}</td>
              <td>{named("queueName", past.queue)}</td>
              <td>{named("outcome", past.outcome)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableBox>
  );
}
