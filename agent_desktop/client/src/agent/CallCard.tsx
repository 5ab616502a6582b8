import { Mic, MicOff, Pause, Phone, PhoneOff, Play } from "lucide-react";
import type { ReactNode } from "react";
import type { CallAtHand } from "../desk/call";
import { ASKING, callInWords, isLost, standingOf } from "../desk/call_words";
import type { Desk } from "../desk/desk";
import { Age } from "../parts/Age";
import { Button } from "../parts/Button";
import { Card, Empty, Pill } from "../parts/Card";
import type { ScreenPop } from "../server/told";
import { useWords, word } from "../words/words";
import { CallTools } from "./CallTools";
import { DialForm } from "./DialForm";

/** The call at hand and what can be done with it; without one, a number to dial. */
export function CallCard({ desk, call }: { desk: Desk; call: CallAtHand | null }) {
  const { word } = useWords();
  return (
    <Card title={word("call")}>
      {call ? <CallAtHandPart desk={desk} call={call} /> : <Empty>{word("noCall")}</Empty>}
      {!call && <DialForm desk={desk} />}
    </Card>
  );
}

function CallAtHandPart({ desk, call }: { desk: Desk; call: CallAtHand }) {
  const { word, named } = useWords();
  const ringing = call.state === "ringing";
  const standing = standingOf(call);
  const held = standing === "on_hold";
  const muted = call.talk?.muted ?? false;
  return (
    <div id="call">
      <p className="caller" id="caller">
        {call.pop?.caller_number || word("call")}
      </p>
      <p className="call-line">
        <Pill id="call-state" role="status" kind={isLost(call) ? "bad" : "busy"}>
          {callInWords(call)}
        </Pill>
        <Age id="call-since" since={call.since} />
        <span className="muted">{named("queueName", call.pop?.queue)}</span>
        <span className="muted">{purposeOf(call.pop)}</span>
      </p>
      <div className="buttons">
        {ringing && call.id !== null && (
          <Button
            id="answer"
            look="go"
            big
            aria-keyshortcuts="Control+Alt+A"
            onPress={() => void desk.answer()}
          >
            <Phone />
            {word("answer")}
          </Button>
        )}
        <Button
          id="hang-up"
          look="stop"
          big
          aria-keyshortcuts="Control+Alt+E"
          onPress={() => void desk.hangUp()}
        >
          <PhoneOff />
          {word(ringing ? "decline" : "hangUp")}
        </Button>
        {call.state === "talking" && !ASKING.includes(standing) && (
          <Switch id="hold" isOn={held} keys="Control+Alt+H" desk={desk}>
            {held ? <Play /> : <Pause />}
            {word(held ? "resume" : "hold")}
          </Switch>
        )}
        {call.state === "talking" && (
          <Switch id="mute" isOn={muted} keys="Control+Alt+M" desk={desk}>
            {muted ? <MicOff /> : <Mic />}
            {word(muted ? "unmute" : "mute")}
          </Switch>
        )}
      </div>
      {call.state === "talking" && <CallTools desk={desk} call={call} standing={standing} />}
    </div>
  );
}

interface SwitchProps {
  id: "hold" | "mute";
  isOn: boolean;
  keys: string;
  children: ReactNode;
  desk: Desk;
}

/** What is on until it is pressed again. */
function Switch({ id, isOn, keys, children, desk }: SwitchProps) {
  return (
    <Button
      id={id}
      big
      aria-pressed={isOn}
      aria-keyshortcuts={keys}
      onPress={() => void desk.act({ type: id, on: !isOn })}
    >
      {children}
    </Button>
  );
}

function purposeOf(pop: ScreenPop | null): string {
  if (pop?.purpose === "consult") return `${word("askedBy")} ${pop.transferred_by ?? ""}`;
  if (pop?.transferred_by) return `${word("transferredBy")} ${pop.transferred_by}`;
  return pop?.direction === "outbound" ? word("outbound") : "";
}
