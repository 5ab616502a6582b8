import type { ReactNode } from "react";
import { useWords, type Word } from "../words/words";

/** Some of what there is to do, and how much of it. */
export function Section({ name, count, children }: { name: Word; count: number; children: ReactNode }) {
  const { word } = useWords();
  return (
    <section className="task-section" aria-label={word(name)}>
      <h3>
        {word(name)} <span className="count">{count}</span>
      </h3>
      {count > 0 && <ul className="listed">{children}</ul>}
    </section>
  );
}
