import type { Desk } from "../desk/desk";
import { useWords } from "../words/words";

/** Read aloud at once, on every page: the call or the work that is offered. It is seen elsewhere. */
export function Announcement({ desk }: { desk: Desk }) {
  const { word, named } = useWords();
  const { call } = desk;
  const said = (...parts: (string | null | undefined)[]) => parts.filter(Boolean).join(" ");
  const offers = desk.screens.offered.map(({ channel, subject, caller_number, queue }) =>
    said(named("channel", channel), subject || caller_number, queue),
  );
  if (call?.state === "ringing")
    offers.unshift(said(word("call.ringing"), call.pop?.caller_number, call.pop?.queue));
  return (
    <p id="offered" className="visually-hidden" role="alert">
      {offers.join("; ")}
    </p>
  );
}
