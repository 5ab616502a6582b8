/** A session is made longer while somebody uses the page: it ends over no call and no half-written form. */

import { serverNow } from "../server/clock";
import { learnt, renew } from "./session";

const EARLY = 3_600_000; // ms before its end, or half of what is left where that is less
const IDLE = 3_600_000; // ms after which nobody uses the page any more
const LOOK_EVERY = 60_000; // ms
const SIGNS = ["pointerdown", "keydown"] as const;

/** `needed`: whether it is to go on though nobody touches the page. What comes back ends it. */
export function renewWhile(needed: () => boolean): () => void {
  const life = new AbortController();
  let usedAt = Date.now();
  const used = () => {
    usedAt = Date.now();
  };
  for (const sign of SIGNS) addEventListener(sign, used, { signal: life.signal, capture: true });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let end = "";
  let early = EARLY;
  let last = false; // it has had its longest life
  async function look(): Promise<void> {
    const expires = learnt()?.session_expires_at;
    if (expires && expires !== end) {
      end = expires;
      early = Math.min(EARLY, (Date.parse(expires) - serverNow()) / 2);
      last = false;
    }
    const due = Boolean(end) && !last && Date.parse(end) - serverNow() < early;
    if (due && (needed() || Date.now() - usedAt < IDLE))
      await renew().then(
        (until) => {
          last = until === end;
        },
        () => {}, // it is tried again; one that is over is shown by whatever asks next
      );
    if (!life.signal.aborted) timer = setTimeout(look, Math.min(LOOK_EVERY, Math.max(early / 4, 1_000)));
  }
  void look();
  return () => {
    life.abort();
    clearTimeout(timer);
  };
}
