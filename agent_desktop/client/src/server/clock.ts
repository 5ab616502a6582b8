/** What time it is at the server: its moments are what ages are counted from, and a PC's own clock may be wrong. */

const HOLDS = 300_000; // ms; a PC's clock may be set meanwhile

let ahead = 0; // ms of the server's clock before ours, at least: what it says takes a while to come
let learnt = Number.NEGATIVE_INFINITY;

/** The server said just now that it is then. */
export function heardTime(at: string | null): void {
  const said = Date.parse(at ?? "");
  if (Number.isNaN(said)) return;
  const here = Date.now();
  if (said - here < ahead && Math.abs(here - learnt) < HOLDS) return; // it came late
  ahead = said - here;
  learnt = here;
}

/** As `Date.now()`, by the server's clock. */
export function serverNow(): number {
  return Date.now() + ahead;
}
