import { type ReactNode, useId } from "react";

export interface CardProps {
  title: ReactNode;
  /** Beside the title. */
  beside?: ReactNode;
  children: ReactNode;
  id?: string;
  className?: string;
}

/** A part of a page that has a name of its own. */
export function Card({ title, beside, children, id, className = "" }: CardProps) {
  const name = useId();
  return (
    <section className={`card ${className}`} aria-labelledby={name} id={id}>
      <header>
        <h2 id={name}>{title}</h2>
        {beside && <span className="gap" />}
        {beside}
      </header>
      {children}
    </section>
  );
}

export type Kind = "plain" | "ready" | "good" | "busy" | "warn" | "bad" | "away";

export function Pill({
  kind = "plain",
  children,
  ...more
}: {
  kind?: Kind;
  children: ReactNode;
  id?: string;
  role?: "status";
}) {
  return (
    <span {...more} className="pill" data-kind={kind}>
      {children}
    </span>
  );
}

/** Names and values; what has no value is left out. */
export function Facts({ facts }: { facts: readonly (readonly [ReactNode, ReactNode])[] }) {
  return (
    <dl className="facts">
      {facts
        .filter(([, value]) => value !== null && value !== undefined && value !== "")
        .map(([name, value], place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: facts have no other name, and keep their places
          <div key={place} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

export function Empty({ children, id }: { children: ReactNode; id?: string }) {
  return (
    <p className="empty" id={id}>
      {children}
    </p>
  );
}
