import { useQuery } from "@tanstack/react-query";
import { Listed } from "../parts/Listed";
import { moment } from "../parts/time";
import { api, got } from "../server/rest";
import { inLanguage, useWords } from "../words/words";
import { money } from "./timeline_lines";

/** What the customer has ordered. */
export function Orders({ customer }: { customer: string }) {
  const { word, named } = useWords();
  const orders = useQuery({
    queryKey: ["orders", customer],
    queryFn: async () =>
      (await got(api.GET("/api/v1/orders", { params: { query: { customer_id: customer } } }))).items,
  });
  return (
    <Listed of={orders} empty={word("noOrders")} idOf={(one) => one.id} id="orders">
      {(one) => (
        <details>
          <summary>
            <strong>{one.number}</strong> {money(one.total, one.currency)}{" "}
            <span className="muted">{`${named("order", one.state)} · ${moment(one.created_at)}`}</span>
          </summary>
          <ul className="inside">
            {one.lines.map((line) => (
              <li
                key={line.product_id}
              >{`${line.quantity} × ${inLanguage({ ...line.labels })} ${money(line.amount, one.currency)}`}</li>
            ))}
            {one.address && <li className="muted">{one.address}</li>}
          </ul>
        </details>
      )}
    </Listed>
  );
}
