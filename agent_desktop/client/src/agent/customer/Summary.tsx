/** The customer's record at a glance: who they are, how to reach them, and what the agent had best do. */

import { useQuery } from "@tanstack/react-query";
import { Phone } from "lucide-react";
import type { Desk } from "../../desk/desk";
import { Button } from "../../parts/Button";
import { Facts } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { reads } from "../../server/reads";
import { api, got, type Schemas } from "../../server/rest";
import type { CustomerSummary, ScreenPop } from "../../server/told";
import { inLanguage, useWords } from "../../words/words";
import { Advice } from "./Advice";

interface SummaryProps {
  desk: Desk;
  pop: ScreenPop;
  shown: CustomerSummary;
}

export function Summary({ desk, pop, shown }: SummaryProps) {
  const { word, named } = useWords();
  const whole = useQuery({
    queryKey: ["customer", shown.id],
    queryFn: () =>
      got(api.GET("/api/v1/customers/{customer_id}", { params: { path: { customer_id: shown.id } } })),
  });
  const tags = [shown.tier, ...shown.tags].filter(Boolean);
  return (
    <div className="stack">
      <div>
        <p className="name">{shown.name}</p>
        <p className="buttons">
          {tags.map((tag) => (
            <span key={tag} className="tag">
              {tag}
            </span>
          ))}
        </p>
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
      {whole.data && <Record desk={desk} customer={whole.data} queue={pop.queue} />}
    </div>
  );
}

function Record({ desk, customer, queue }: { desk: Desk; customer: Schemas["CustomerView"]; queue: string }) {
  const { word } = useWords();
  const fields = useQuery({ ...reads.customerFields, staleTime: 300_000 });
  const label = (name: string) => inLanguage(fields.data?.find((one) => one.name === name)?.labels) || name;
  return (
    <>
      <ul className="listed" aria-label={word("numbers")}>
        {customer.numbers.map((one, place) => (
          <li key={one.position} className="item">
            <span className="gap numbers">
              {one.number} <span className="muted">{one.label}</span>
            </span>
            {one.use === "phone" && (
              <DialButton
                desk={desk}
                customer={customer}
                number={one.number}
                first={place === 0}
                queue={queue}
              />
            )}
          </li>
        ))}
      </ul>
      <Facts
        facts={[
          ...customer.addresses.map((one) => [word("address"), one.value] as const),
          ...Object.entries(customer.attributes).map(
            ([name, value]) => [label(name), shownValue(value)] as const,
          ),
          ...customer.withheld.map((name) => [label(name), "•••"] as const),
          [word("notes"), customer.notes],
        ]}
      />
    </>
  );
}

interface DialProps {
  desk: Desk;
  customer: Schemas["CustomerView"];
  number: string;
  first: boolean;
  queue: string;
}

/** A number that is hidden is dialled by whose it is, which is possible for the first one. */
function DialButton({ desk, customer, number, first, queue }: DialProps) {
  const { word } = useWords();
  const { queues } = desk.lists;
  const onBehalfOf = queues.includes(queue) ? queue : queues[0];
  const hidden = /[^\d+() -]/.test(number);
  if (!onBehalfOf || (hidden && !first)) return null;
  function dial() {
    if (hidden) void desk.dialCustomer(customer.id, onBehalfOf!);
    else void desk.dial(number, onBehalfOf!);
  }
  return (
    <Button aria-label={`${word("dial")} ${number}`} isDisabled={desk.call !== null} onPress={dial}>
      <Phone />
    </Button>
  );
}

function shownValue(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
