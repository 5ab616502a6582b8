/** Customers by what somebody types. */

import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "../parts/Button";
import { TextField } from "../parts/Fields";
import { Listed } from "../parts/Listed";
import { api, got } from "../server/rest";
import { useWords } from "../words/words";
import type { Customer } from "./CustomerRecord";

interface SearchProps {
  /** What was looked for before, by the page's address. */
  begun?: string;
  onSearch?(wanted: string): void;
  children(found: Customer): ReactNode;
}

export function CustomerSearch({ begun = "", onSearch, children }: SearchProps) {
  const { word } = useWords();
  const [wanted, setWanted] = useState(begun);
  const found = useQuery({
    queryKey: ["customer-search", wanted],
    enabled: wanted !== "",
    queryFn: async () =>
      (await got(api.GET("/api/v1/customer-search", { params: { query: { q: wanted, limit: 10 } } }))).items,
  });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const words = String(new FormData(event.currentTarget).get("q") ?? "").trim();
    setWanted(words);
    onSearch?.(words);
  }
  return (
    <>
      <form id="customer-search" className="row" onSubmit={submit}>
        <div className="gap">
          <TextField
            name="q"
            label={word("searchCustomer")}
            defaultValue={begun}
            autoComplete="off"
            maxLength={100}
            isRequired
          />
        </div>
        <Button type="submit">{word("search")}</Button>
      </form>
      {wanted && (
        <Listed of={found} empty={word("nothingFound")} idOf={(one) => one.id} id="customers-found">
          {children}
        </Listed>
      )}
    </>
  );
}
