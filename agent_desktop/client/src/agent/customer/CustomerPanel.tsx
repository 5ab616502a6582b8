/** Whose the contact is: found, to be chosen, looked for or created; and all that is known of them. */

import { useState } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { Orders } from "../../customers/Orders";
import { Timeline } from "../../customers/Timeline";
import type { Desk } from "../../desk/desk";
import { Button } from "../../parts/Button";
import { Card, Empty } from "../../parts/Card";
import type { ScreenPop } from "../../server/told";
import { may, useSession } from "../../session/session";
import { useWords, type Word } from "../../words/words";
import { SendFax } from "../fax/SendFax";
import { Knowledge } from "../panels/Knowledge";
import { QueryPanel } from "../panels/QueryPanel";
import { ChooseCustomer } from "./ChooseCustomer";
import { ContactTickets } from "./ContactTickets";
import { History, Notes, Reason } from "./Screen";
import { Summary } from "./Summary";

export function CustomerPanel({ desk, pop }: { desk: Desk; pop: ScreenPop | null }) {
  const { word } = useWords();
  const { account } = useSession();
  const tabs: [Word, boolean][] = [
    ["summary", true],
    ["timeline", may(account, "timeline.read")],
    ["tickets", may(account, "tickets.read")],
    ["orders", may(account, "orders.read")],
    ["knowledge", may(account, "knowledge.read")],
    ["queries", may(account, "queries.run")],
    ["sendFax", may(account, "faxes.send")],
  ];
  const [written, setWritten] = useState(false); // whether something may be written there
  return (
    <Card title={word("customer")} className="customer-column">
      <Tabs className="tabs" onSelectionChange={(tab) => tab === "tickets" && setWritten(true)}>
        <TabList className="tab-list" aria-label={word("customer")}>
          {tabs.map(
            ([name, permitted]) =>
              permitted && (
                <Tab key={name} id={name} className="tab">
                  {word(name)}
                </Tab>
              ),
          )}
        </TabList>
        <TabPanel id="summary">
          <Whose key={pop?.contact_id} desk={desk} pop={pop} />
        </TabPanel>
        <TabPanel id="timeline">
          <OfCustomer pop={pop}>{(id) => <Timeline customer={id} />}</OfCustomer>
        </TabPanel>
        <TabPanel id="tickets" shouldForceMount={written}>
          <OfCustomer pop={pop}>
            {(id) => <ContactTickets key={pop!.contact_id} customer={id} contact={pop!.contact_id} />}
          </OfCustomer>
        </TabPanel>
        <TabPanel id="orders">
          <OfCustomer pop={pop}>{(id) => <Orders customer={id} />}</OfCustomer>
        </TabPanel>
        <TabPanel id="knowledge">
          <Knowledge key={pop?.contact_id} pop={pop} />
        </TabPanel>
        <TabPanel id="queries">
          <QueryPanel key={pop?.contact_id} pop={pop} />
        </TabPanel>
        <TabPanel id="sendFax">
          <OfCustomer pop={pop}>
            {(id) => <SendFax key={pop!.contact_id} pop={pop!} customer={id} />}
          </OfCustomer>
        </TabPanel>
      </Tabs>
    </Card>
  );
}

function OfCustomer({ pop, children }: { pop: ScreenPop | null; children(id: string): React.ReactNode }) {
  const { word } = useWords();
  const customer = pop?.customer.match === "one" ? pop.customer.customers[0] : null;
  return customer ? (
    <div key={customer.id}>{children(customer.id)}</div>
  ) : (
    <Empty>{word("whoIsItFirst")}</Empty>
  );
}

function Whose({ desk, pop }: { desk: Desk; pop: ScreenPop | null }) {
  const { word } = useWords();
  const [another, setAnother] = useState(false);
  if (!pop) return <Empty>{word("noCustomer")}</Empty>;
  const { match, customers, history } = pop.customer;
  const one = match === "one" ? customers[0] : null;
  return (
    <div id="customer" className="stack">
      {one && !another ? (
        <>
          <Summary key={one.id} desk={desk} pop={pop} shown={one} />
          <Button id="another-customer" look="quiet" onPress={() => setAnother(true)}>
            {word("anotherCustomer")}
          </Button>
        </>
      ) : (
        <ChooseCustomer pop={pop} onChosen={() => setAnother(false)} />
      )}
      <Reason pop={pop} />
      <Notes pop={pop} />
      {history.length > 0 && <History pop={pop.customer} />}
    </div>
  );
}
