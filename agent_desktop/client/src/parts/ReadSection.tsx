import { useQuery } from "@tanstack/react-query";
import { Fragment, type ReactNode } from "react";
import type { Word } from "../words/words";
import { Failure } from "./Failure";
import { Section } from "./Section";

const AGAIN = 30_000; // ms: what others do of it is told to nobody

interface ReadSectionProps<T> {
  name: Word;
  queryKey: readonly string[];
  read(): Promise<readonly T[]>;
  /** Those to be shown, of what was read; all, if it is not given. */
  only?(one: T): boolean;
  /** Its line: a `li`. */
  children(one: T): ReactNode;
}

/** A section of what the server lists, read again now and then. */
export function ReadSection<T extends { id: string }>(props: ReadSectionProps<T>) {
  const { name, queryKey, read, only = () => true, children } = props;
  const found = useQuery({ queryKey, refetchInterval: AGAIN, queryFn: read });
  const shown = found.data?.filter(only) ?? [];
  return (
    <>
      <Failure of={found.error} />
      <Section name={name} count={shown.length}>
        {shown.map((one) => (
          <Fragment key={one.id}>{children(one)}</Fragment>
        ))}
      </Section>
    </>
  );
}
