import { Link, useSearchParams } from "react-router";
import { Card } from "../parts/Card";
import { may, useSession } from "../session/session";
import { useWords } from "../words/words";
import { CustomerSearch } from "./CustomerSearch";
import { NewTask } from "./NewTask";
import { DueTickets, OwnTasks } from "./OwnWork";
import { WorkOrders } from "./WorkOrders";

/** Whom one looks for; and what there is to do for customers, for who has no desk that shows it. */
export function CustomersPage() {
  const { word } = useWords();
  const { account } = useSession();
  const [asked, ask] = useSearchParams();
  const repairs = may(account, "work_orders.report");
  const own = may(account, "tasks.own") && !may(account, "stream");
  return (
    <>
      <h1>{word("customers")}</h1>
      <div className="customers-page">
        <Card title={word("search")}>
          <div className="stack">
            <CustomerSearch begun={asked.get("q") ?? ""} onSearch={(q) => ask({ q }, { replace: true })}>
              {(one) => (
                <Link to={`/customers/${one.id}`} className="found-customer">
                  <strong>{one.name}</strong>
                  <span className="muted">{[one.tier, one.company].filter(Boolean).join(" · ")}</span>
                </Link>
              )}
            </CustomerSearch>
          </div>
        </Card>
        {(repairs || own) && (
          <Card title={word("ownWork")} id="own-work">
            {repairs && <WorkOrders />}
            {own && account && (
              <>
                <OwnTasks agent={account.id} />
                <DueTickets agent={account.id} />
                <NewTask />
              </>
            )}
          </Card>
        )}
      </div>
    </>
  );
}
