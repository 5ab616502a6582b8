import { moment } from "../parts/time";

interface Line {
  at: string;
  text: readonly (string | null | undefined)[];
}

/** What happened, each with its moment; nothing at all where nothing did. */
export function Lines({ title, lines }: { title: string; lines: readonly Line[] }) {
  if (!lines.length) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul>
        {lines.map(({ at, text }, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines are only added
          <li key={place}>
            <span className="muted">{moment(at)}</span> {text.filter(Boolean).join(" · ")}
          </li>
        ))}
      </ul>
    </section>
  );
}
