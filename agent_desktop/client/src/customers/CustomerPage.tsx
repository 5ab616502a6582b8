import { ArrowLeft, Phone } from "lucide-react";
import { useState } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { Link, useParams } from "react-router";
import { Button } from "../parts/Button";
import { Card, Facts } from "../parts/Card";
import { Failure } from "../parts/Failure";
import { useDone } from "../parts/useDone";
import { api, got } from "../server/rest";
import { may, useSession } from "../session/session";
import { useWords } from "../words/words";
import { type Customer, CustomerRecord, isMasked, type Reached, Tags, useCustomer } from "./CustomerRecord";
import { NewTask } from "./NewTask";
import { NOTHING_BEGUN } from "./NewTicket";
import { Orders } from "./Orders";
import { Tickets } from "./Tickets";
import { Timeline } from "./Timeline";
import { useUnkept } from "./unkept";

/** One customer, with everything that may be read of them. */
export function CustomerPage() {
  const { word } = useWords();
  const { id = "" } = useParams();
  const { data, error } = useCustomer(id);
  return (
    <>
      <Link to="/customers" className="button quiet back">
        <ArrowLeft aria-hidden="true" />
        {word("customers")}
      </Link>
      <Failure of={error} />
      {data ? <Shown key={data.id} customer={data} /> : !error && <p role="status">{word("loading")}</p>}
    </>
  );
}

function Shown({ customer }: { customer: Customer }) {
  const { word, named } = useWords();
  const { account } = useSession();
  const tabs = (
    [
      ["timeline", "timeline.read"],
      ["tickets", "tickets.read"],
      ["orders", "orders.read"],
    ] as const
  ).filter(([, permission]) => may(account, permission));
  const [revealed, setRevealed] = useState<Customer | null>(null);
  const shown = revealed ?? customer;
  const { busy, failure, attempt } = useDone();
  async function reveal() {
    const params = { path: { customer_id: customer.id } };
    await attempt(async () =>
      setRevealed(await got(api.POST("/api/v1/customers/{customer_id}/reveal", { params }))),
    );
  }
  const [written, setWritten] = useState(false); // whether something may be written there
  return (
    <>
      <h1 className="name">{customer.name}</h1>
      <Tags of={customer} />
      <div className="customers-page">
        <Card title={word("customerRecord")} id="record">
          <div className="stack">
            <Facts
              facts={[
                [word("company"), customer.company],
                [word("language"), named("languageName", customer.language)],
              ]}
            />
            <CustomerRecord customer={shown} beside={(one) => <CallLink reached={one} />} />
            {may(account, "customers.reveal") && !revealed && (
              <div className="buttons">
                <Button id="reveal" isDisabled={busy} onPress={() => void reveal()}>
                  {word("showWhole")}
                </Button>
                <span className="muted">{word("showWholeWhy")}</span>
              </div>
            )}
            <Failure of={failure} />
            {may(account, "tasks.own") && <NewTask customer={customer.id} />}
          </div>
        </Card>
        {tabs.length > 0 && (
          <Card title={word("past")} className="customer-past">
            <Tabs className="tabs" onSelectionChange={(tab) => tab === "tickets" && setWritten(true)}>
              <TabList className="tab-list" aria-label={word("past")}>
                {tabs.map(([name]) => (
                  <Tab key={name} id={name} className="tab">
                    {word(name)}
                  </Tab>
                ))}
              </TabList>
              <TabPanel id="timeline">
                <Timeline customer={customer.id} />
              </TabPanel>
              <TabPanel id="tickets" shouldForceMount={written}>
                <OwnTickets customer={customer.id} />
              </TabPanel>
              <TabPanel id="orders">
                <Orders customer={customer.id} />
              </TabPanel>
            </Tabs>
          </Card>
        )}
      </div>
    </>
  );
}

/** By the telephone that the page is open on. */
function CallLink({ reached }: { reached: Reached }) {
  const { word } = useWords();
  if (isMasked(reached.number)) return null;
  return (
    <a
      className="button"
      href={`tel:${reached.number}`}
      aria-label={`${word("callNumber")} ${reached.number}`}
    >
      <Phone aria-hidden="true" />
    </a>
  );
}

function OwnTickets({ customer }: { customer: string }) {
  const draft = useUnkept(NOTHING_BEGUN, ({ subject, description }) => `${subject}${description}` !== "");
  return <Tickets customer={customer} contact={null} draft={draft} />;
}
