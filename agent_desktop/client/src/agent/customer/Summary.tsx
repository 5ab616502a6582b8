/** The customer's record at a glance: who they are, how to reach them, and what the agent had best do. */

import { CustomerRecord, Tags, useCustomer } from "../../customers/CustomerRecord";
import type { Desk } from "../../desk/desk";
import { Facts } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import type { CustomerSummary, ScreenPop } from "../../server/told";
import { useWords } from "../../words/words";
import { Advice } from "./Advice";
import { DialButton } from "./DialButton";

interface SummaryProps {
  desk: Desk;
  pop: ScreenPop;
  shown: CustomerSummary;
}

export function Summary({ desk, pop, shown }: SummaryProps) {
  const { word, named } = useWords();
  const whole = useCustomer(shown.id);
  return (
    <div className="stack">
      <div>
        <p className="name">{shown.name}</p>
        <Tags of={shown} />
      </div>
      <Advice pop={pop} />
      {pop.customer.open_tickets.length > 0 && (
        <p className="warn-line">{word("openTickets", { count: pop.customer.open_tickets.length })}</p>
      )}
      <Failure of={whole.error} />
      <Facts
        facts={[
          [word("company"), shown.company],
          [word("language"), named("lang", shown.language)],
        ]}
      />
      {whole.data && (
        <CustomerRecord
          customer={whole.data}
          beside={({ number }, place) => (
            <DialButton
              desk={desk}
              customer={whole.data}
              number={number}
              first={place === 0}
              queue={pop.queue}
            />
          )}
        />
      )}
    </div>
  );
}
