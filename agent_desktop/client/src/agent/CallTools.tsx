/** What can be done in a conversation beside talking. */

import type { CallAtHand } from "../desk/call";
import { ASKING } from "../desk/call_words";
import type { Desk } from "../desk/desk";
import { Button } from "../parts/Button";
import { useWords } from "../words/words";
import { Masking } from "./Masking";
import { ReadOut } from "./ReadOut";
import { Transfer } from "./Transfer";

const KEYS = [..."123456789*0#"];

export function CallTools({ desk, call, standing }: { desk: Desk; call: CallAtHand; standing: string }) {
  const asking = ASKING.includes(standing);
  return (
    <div className="tools" id="talk-tools">
      {(asking || standing === "transfer_ringing") && (
        <Consulting desk={desk} asking={asking} standing={standing} />
      )}
      <Masking desk={desk} call={call} />
      <Keypad desk={desk} />
      <Transfer desk={desk} hidden={asking || standing === "transfer_ringing" || standing === "advising"} />
      <ReadOut desk={desk} call={call} />
    </div>
  );
}

function Keypad({ desk }: { desk: Desk }) {
  const { word } = useWords();
  return (
    <details id="keypad-box">
      <summary>{word("keypad")}</summary>
      <fieldset id="keypad" className="keypad" aria-label={word("keypad")}>
        {KEYS.map((key) => (
          <Button key={key} onPress={() => desk.sendKeys(key)}>
            {key}
          </Button>
        ))}
      </fieldset>
      <output id="keys-sent" className="keys" aria-live="polite">
        {desk.keysSent}
      </output>
    </details>
  );
}

function Consulting({ desk, asking, standing }: { desk: Desk; asking: boolean; standing: string }) {
  const { word } = useWords();
  const talking = asking && standing !== "consult_ringing";
  return (
    <fieldset id="consulting" className="buttons" aria-label={word("consultation")}>
      {asking && (
        <Button id="complete" look="primary" onPress={() => void desk.act({ type: "complete" })}>
          {word("complete")}
        </Button>
      )}
      {talking && (
        <Button id="swap" onPress={() => void desk.act({ type: "swap" })}>
          {word("swap")}
        </Button>
      )}
      {talking && (
        <Button id="conference" onPress={() => void desk.act({ type: "conference" })}>
          {word("conference")}
        </Button>
      )}
      <Button id="return" onPress={() => void desk.act({ type: "return" })}>
        {word("return")}
      </Button>
    </fieldset>
  );
}
