/** A list from the server: says when it is being read, when it could not be, and when it is empty. */

import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useWords } from "../words/words";
import { Empty } from "./Card";
import { Failure } from "./Failure";

export interface ListedProps<T> {
  of: Pick<UseQueryResult<readonly T[]>, "data" | "error" | "isPending">;
  empty: ReactNode;
  idOf(one: T): string;
  children(one: T): ReactNode;
  id?: string;
}

export function Listed<T>({ of, empty, idOf, children, id }: ListedProps<T>) {
  const { word } = useWords();
  if (of.error) return <Failure of={of.error} />;
  if (of.isPending || !of.data) return <Empty>{word("loading")}</Empty>;
  if (!of.data.length) return <Empty>{empty}</Empty>;
  return (
    <ul className="listed" id={id}>
      {of.data.map((one) => (
        <li key={idOf(one)}>{children(one)}</li>
      ))}
    </ul>
  );
}
