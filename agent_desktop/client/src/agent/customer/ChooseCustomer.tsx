/** Several match, or nobody does: the agent chooses, looks for, or creates the customer, who is then the contact's. */

import { UserPlus } from "lucide-react";
import { useState } from "react";
import { CustomerSearch } from "../../customers/CustomerSearch";
import { Button } from "../../parts/Button";
import { Empty } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { useDone } from "../../parts/useDone";
import { api, got } from "../../server/rest";
import type { ScreenPop } from "../../server/told";
import { may, useSession } from "../../session/session";
import { useWords } from "../../words/words";
import { CreateCustomer } from "./CreateCustomer";

interface Choosable {
  id: string;
  name: string;
  tier: string;
  company: string | null;
}

/** The stream shows the screen anew with whoever was chosen. */
export async function isCustomerOf(contact_id: string, customer_id: string): Promise<void> {
  const path = { contact_id };
  await got(api.PUT("/api/v1/contacts/{contact_id}/customer", { params: { path }, body: { customer_id } }));
}

export function ChooseCustomer({ pop, onChosen }: { pop: ScreenPop; onChosen(): void }) {
  const { word } = useWords();
  const { account } = useSession();
  const { busy, failure, attempt } = useDone();
  const [creating, setCreating] = useState(false);
  const { match, customers } = pop.customer;
  async function choose(customer: string) {
    if (await attempt(() => isCustomerOf(pop.contact_id, customer))) onChosen();
  }
  return (
    <div className="stack" id="choose-customer">
      {match !== "one" && <Empty id="match">{word(`match.${match}`)}</Empty>}
      <Failure of={failure} />
      {match === "several" && (
        <ul className="listed" id="candidates">
          {customers.map((one) => (
            <li key={one.id}>
              <Candidate customer={one} busy={busy} onChoose={choose} />
            </li>
          ))}
        </ul>
      )}
      <CustomerSearch>{(one) => <Candidate customer={one} busy={busy} onChoose={choose} />}</CustomerSearch>
      {may(account, "customers.write") &&
        (creating ? (
          <CreateCustomer pop={pop} onCreated={onChosen} onCancel={() => setCreating(false)} />
        ) : (
          <Button id="create-customer" onPress={() => setCreating(true)}>
            <UserPlus />
            {word("createCustomer")}
          </Button>
        ))}
    </div>
  );
}

interface Choosing {
  busy: boolean;
  onChoose(customer: string): void;
}

function Candidate({ customer, busy, onChoose }: Choosing & { customer: Choosable }) {
  const { word } = useWords();
  return (
    <div className="item">
      <span className="gap">
        <strong>{customer.name}</strong>{" "}
        <span className="muted">{[customer.tier, customer.company].filter(Boolean).join(" · ")}</span>
      </span>
      <Button
        isDisabled={busy}
        aria-label={`${word("choose")} ${customer.name}`}
        onPress={() => onChoose(customer.id)}
      >
        {word("choose")}
      </Button>
    </div>
  );
}
