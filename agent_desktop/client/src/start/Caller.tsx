import { Phone, PhoneOff } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { sound } from "../desk/seat";
import { Button } from "../parts/Button";
import { Pill } from "../parts/Card";
import { inLanguage, useWords } from "../words/words";
import { WebCall } from "./web_call";

const KEYS = [..."123456789*0#"];

interface CallerProps {
  numbers: readonly { number: string; title: Record<string, string> }[];
}

/** A telephone in the page, as a customer has one. */
export function Caller({ numbers }: CallerProps) {
  const { word, named } = useWords();
  const call = useRef<WebCall | null>(null);
  const [, draw] = useState(0);
  useEffect(() => () => call.current?.hangUp(), []);
  function dial(number: string) {
    const begun = new WebCall(sound);
    begun.addEventListener("changed", () => draw((times) => times + 1));
    call.current = begun;
    draw((times) => times + 1);
    void begun.begin(number);
  }
  const now = call.current;
  if (!now || now.state === "over") {
    return (
      <div className="stack">
        {now && (
          <p id="call-over" role="status">
            {now.reason === "microphone"
              ? word("microphoneRefused")
              : (now.detail ?? named("webCall", now.reason))}
          </p>
        )}
        {numbers.map(({ number, title }) => (
          <Button key={number} look="go" big onPress={() => dial(number)}>
            <Phone />
            {`${number} · ${inLanguage(title)}`}
          </Button>
        ))}
      </div>
    );
  }
  return (
    <div className="stack" id="web-call">
      <Pill kind={now.state === "talking" ? "good" : "busy"} role="status">
        {word(now.state === "talking" ? "call.talking" : "calling")}
      </Pill>
      <fieldset className="keypad" aria-label={word("keypad")}>
        {KEYS.map((key) => (
          <Button key={key} onPress={() => now.press(key)}>
            {key}
          </Button>
        ))}
      </fieldset>
      <Button id="end-call" look="stop" big onPress={() => now.hangUp()}>
        <PhoneOff />
        {word("hangUp")}
      </Button>
    </div>
  );
}
