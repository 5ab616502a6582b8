import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { moment } from "../parts/time";
import { inLanguage, reasonOf, useWords } from "../words/words";

interface Line {
  at: string | null;
  told: Record<string, string>;
}

/** Why something went as it did, in the server's words; asked for when it is opened. */
export function Explanation({ label, name, read }: { label: string; name: string; read(): Promise<Line[]> }) {
  const { word } = useWords();
  const [isOpen, setOpen] = useState(false);
  const { data, error } = useQuery({ queryKey: ["explanation", name], queryFn: read, enabled: isOpen });
  return (
    <details className="why" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{label}</summary>
      {error ? (
        <p role="alert">{reasonOf(error)}</p>
      ) : data ? (
        <ul className="stack">
          {data.map(({ at, told }, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: it is read as a whole
            <li key={place}>
              {at && <span className="muted">{moment(at)} </span>}
              {inLanguage(told)}
            </li>
          ))}
        </ul>
      ) : (
        <p className="muted">{word("loading")}</p>
      )}
    </details>
  );
}
