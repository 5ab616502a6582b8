/**
 * The name of this desktop: its own, kept over a reload and a log-in, so that the audio comes back to it.
 *
 * A duplicated tab begins with a copy of the other one's sessionStorage. The lock tells them apart:
 * who has the name holds it for as long as the page lives.
 */

const KEPT = "hotline.desk";
const PATIENCE = 1000; // ms for the page before a reload to let go
let own: Promise<string> | null = null; // found once: the lock is held already when somebody logs in again

function held(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const gaveUp = new AbortController();
    const timer = setTimeout(() => gaveUp.abort(), PATIENCE);
    navigator.locks
      .request(`hotline.desk.${name}`, { signal: gaveUp.signal }, () => {
        clearTimeout(timer);
        resolve(true);
        return new Promise(() => {}); // until the page is gone
      })
      .catch(() => resolve(false));
  });
}

export function deskName(): Promise<string> {
  own ??= found();
  return own;
}

async function found(): Promise<string> {
  const kept = sessionStorage.getItem(KEPT);
  if (kept && (!navigator.locks || (await held(kept)))) return kept;
  const name = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
  sessionStorage.setItem(KEPT, name);
  if (navigator.locks) await held(name);
  return name;
}
