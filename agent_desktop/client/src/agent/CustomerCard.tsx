/** Whose the contact is, and why they come. What comes from outside is text, never markup. */

import { Card, Empty, Facts } from "../parts/Card";
import { moment } from "../parts/time";
import type { CustomerSummary, Pop, ScreenPop } from "../server/told";
import { useWords } from "../words/words";

export function CustomerCard({ pop }: { pop: ScreenPop | null }) {
  const { word } = useWords();
  return (
    <Card title={word("customer")}>
      {pop ? (
        <div id="customer" className="stack">
          <Customers pop={pop.customer} />
          <Reason pop={pop} />
          <Notes pop={pop} />
          <History pop={pop.customer} />
        </div>
      ) : (
        <Empty>{word("noCustomer")}</Empty>
      )}
    </Card>
  );
}

function Customers({ pop }: { pop: Pop }) {
  const { word } = useWords();
  if (pop.match === "none" || pop.match === "unavailable") return <Empty>{word(`match.${pop.match}`)}</Empty>;
  return (
    <div className="stack">
      {pop.match === "several" && <p className="muted">{word("match.several")}</p>}
      {pop.customers.map((one) => (
        <Summary key={one.id} customer={one} />
      ))}
    </div>
  );
}

function Summary({ customer }: { customer: CustomerSummary }) {
  const tags = [customer.tier, ...customer.tags].filter(Boolean);
  return (
    <div>
      <p className="name">{customer.name}</p>
      <p className="buttons">
        {tags.map((tag) => (
          <span key={tag} className="tag">
            {tag}
          </span>
        ))}
      </p>
      {customer.company && <p className="muted">{customer.company}</p>}
    </div>
  );
}

function Reason({ pop }: { pop: ScreenPop }) {
  const { word } = useWords();
  return (
    <Facts
      facts={[
        [word("dialled"), pop.dialled_number],
        [word("dialledFirst"), pop.original_number],
        [word("waited"), `${Math.round(pop.waiting_seconds)} ${word("seconds")}`],
        [word("menu"), pop.menu_path.join(" › ")],
        ...Object.entries(pop.attributes),
      ]}
    />
  );
}

function Notes({ pop }: { pop: ScreenPop }) {
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

function History({ pop }: { pop: Pop }) {
  const { word, named } = useWords();
  if (!pop.history.length) return null;
  return (
    <div className="table-box">
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
              <td>{past.queue}</td>
              <td>{named("outcome", past.outcome)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
