import { Phone, PhoneOff } from "lucide-react";
import { Link, useLocation } from "react-router";
import { callInWords, isLost } from "../desk/call_words";
import type { Desk } from "../desk/desk";
import { Age } from "../parts/Age";
import { Button } from "../parts/Button";
import { Pill } from "../parts/Card";
import { useWords } from "../words/words";

const DESK = "/";

/** The call that rings or goes on, on every page but the desk, where more can be done with it. */
export function CallBar({ desk }: { desk: Desk }) {
  const { word } = useWords();
  const { pathname } = useLocation();
  const { call } = desk;
  if (!call || pathname === DESK) return null;
  const ringing = call.state === "ringing";
  return (
    <section id="call-bar" className="call-bar" data-ringing={ringing} aria-label={word("call")}>
      <Pill role="status" kind={isLost(call) ? "bad" : "busy"}>
        {callInWords(call)}
      </Pill>
      <strong>{call.pop?.caller_number}</strong>
      <span className="muted">{call.pop?.queue}</span>
      <Age since={call.since} />
      <span className="gap" />
      {ringing && call.id !== null && (
        <Button
          id="bar-answer"
          look="go"
          aria-keyshortcuts="Control+Alt+A"
          onPress={() => void desk.answer()}
        >
          <Phone />
          {word("answer")}
        </Button>
      )}
      <Button
        id="bar-hang-up"
        look="stop"
        aria-keyshortcuts="Control+Alt+E"
        onPress={() => void desk.hangUp()}
      >
        <PhoneOff />
        {word(ringing ? "decline" : "hangUp")}
      </Button>
      <Link className="button" to={DESK}>
        {word("toDesk")}
      </Link>
    </section>
  );
}
