/** What is known of a customer: how to reach them, and the fields that the centre keeps. */

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Facts } from "../parts/Card";
import { reads } from "../server/reads";
import { api, got, type Schemas } from "../server/rest";
import { inLanguage, useWords } from "../words/words";

export type Customer = Schemas["CustomerView"];
export type Reached = Customer["numbers"][number];

export function useCustomer(id: string) {
  return useQuery({
    queryKey: ["customer", id],
    queryFn: () => got(api.GET("/api/v1/customers/{customer_id}", { params: { path: { customer_id: id } } })),
  });
}

interface RecordProps {
  customer: Customer;
  /** How to call this number. */
  beside(one: Reached, place: number): ReactNode;
}

export function CustomerRecord({ customer, beside }: RecordProps) {
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
            {one.use === "phone" && beside(one, place)}
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

/** Of a number that is masked some digits are not shown. */
export function isMasked(number: string): boolean {
  return /[^\d+() -]/.test(number);
}

export function Tags({ of }: { of: { tier: string; tags: readonly string[] } }) {
  return (
    <p className="buttons">
      {[of.tier, ...of.tags].filter(Boolean).map((tag) => (
        <span key={tag} className="tag">
          {tag}
        </span>
      ))}
    </p>
  );
}

function shownValue(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
