import { age, useNow } from "./time";

/** How long it is since then, second by second. */
export function Age({ since, id }: { since: string; id?: string }) {
  const now = useNow();
  return (
    <span className="numbers muted" id={id}>
      {age(since, now)}
    </span>
  );
}
