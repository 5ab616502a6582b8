/** Field repairs that have not ended: what is to be done where, and what the crew says of it. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { Button } from "../parts/Button";
import { Facts, Pill } from "../parts/Card";
import { Failure } from "../parts/Failure";
import { TextField } from "../parts/Fields";
import { ReadSection } from "../parts/ReadSection";
import { moment } from "../parts/time";
import { useDone } from "../parts/useDone";
import { api, got, type Schemas } from "../server/rest";
import { useWords } from "../words/words";
import { following, type Reported } from "./work_order";

type WorkOrder = Schemas["WorkOrderView"];

const MOST = 50;

export function WorkOrders() {
  const query = { open: true, limit: MOST };
  return (
    <ReadSection
      name="workOrders"
      queryKey={["work-orders"]}
      read={async () => (await got(api.GET("/api/v1/work-orders", { params: { query } }))).items}
    >
      {(one) => (
        <li>
          <OrderLine order={one} />
        </li>
      )}
    </ReadSection>
  );
}

function OrderLine({ order }: { order: WorkOrder }) {
  const { word, named } = useWords();
  const [open, setOpen] = useState(false);
  return (
    <details data-order={order.number} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <strong>{order.number}</strong> {order.address ?? order.instructions}{" "}
        <Pill kind={order.state === "sent" ? "warn" : "busy"}>{named("workOrder", order.state)}</Pill>
      </summary>
      {open && (
        <div className="stack inside">
          <Facts
            facts={[
              [word("address"), order.address],
              [word("instructions"), order.instructions],
              [word("crew"), order.crew],
              [word("notBefore"), moment(order.not_before)],
              [word("notAfter"), moment(order.not_after)],
            ]}
          />
          <OfTicket id={order.ticket_id} />
          <Report order={order} />
        </div>
      )}
    </details>
  );
}

/** What it is for, and the way to whose it is. */
function OfTicket({ id }: { id: string }) {
  const { word } = useWords();
  const params = { path: { ticket_id: id } };
  const { data, error } = useQuery({
    queryKey: ["ticket", id],
    queryFn: () => got(api.GET("/api/v1/tickets/{ticket_id}", { params })),
  });
  return (
    <>
      <Failure of={error} />
      {data && (
        <p>
          {`${data.number} ${data.subject} `}
          {data.customer_id && <Link to={`/customers/${data.customer_id}`}>{word("toCustomer")}</Link>}
        </p>
      )}
    </>
  );
}

function Report({ order }: { order: WorkOrder }) {
  const { word, named } = useWords();
  const queries = useQueryClient();
  const { busy, failure, attempt } = useDone();
  const [note, setNote] = useState("");
  async function report(state: Reported) {
    const at = new Date().toISOString();
    const body = { message_id: `${state}-${Date.now()}`, state, at, note: note.trim() || null };
    const params = { path: { order_id: order.id } };
    if (await attempt(() => got(api.POST("/api/v1/work-orders/{order_id}/reports", { params, body }))))
      setNote("");
    for (const changed of ["work-orders", "ticket", "to-do"])
      void queries.invalidateQueries({ queryKey: [changed] }); // where it was taken back meanwhile, too
  }
  return (
    <>
      <TextField label={word("note")} value={note} onChange={setNote} lines={2} maxLength={2000} />
      <div className="buttons">
        {following(order.state).map((state, place) => (
          <Button
            key={state}
            data-report={state}
            look={place ? undefined : "primary"}
            isDisabled={busy}
            onPress={() => void report(state)}
          >
            {named("workReport", state)}
          </Button>
        ))}
      </div>
      <Failure of={failure} />
    </>
  );
}
