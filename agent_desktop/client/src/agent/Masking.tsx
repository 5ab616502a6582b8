/** Silence in the recording of a call, for what must not stand in it: card numbers and the like. */

import type { CallAtHand } from "../desk/call";
import type { Desk } from "../desk/desk";
import { Button } from "../parts/Button";
import { Pill } from "../parts/Card";
import { Failure } from "../parts/Failure";
import { MenuButton } from "../parts/MenuButton";
import { useReasons } from "../words/reasons";
import { useWords } from "../words/words";

/** Nothing where the call is not recorded. */
export function Masking({ desk, call }: { desk: Desk; call: CallAtHand }) {
  const { word } = useWords();
  const now = desk.recorded.of(call.contact_id);
  if (!now) return null;
  const isMasked = now === "masked";
  return (
    <fieldset id="masking" className="buttons" aria-label={word("recordingOfCall")}>
      <Pill id="recorded" role="status" kind={isMasked ? "warn" : "busy"}>
        {word(isMasked ? "maskedNow" : "recordedNow")}
      </Pill>
      {isMasked ? (
        <Button id="unmask" onPress={() => void desk.act({ type: "unmask_recording" })}>
          {word("unmaskRecording")}
        </Button>
      ) : (
        <MaskMenu desk={desk} />
      )}
    </fieldset>
  );
}

function MaskMenu({ desk }: { desk: Desk }) {
  const { word, named } = useWords();
  const { data, error } = useReasons();
  return (
    <>
      <MenuButton
        id="mask"
        label={word("maskRecording")}
        of={word("maskBecause")}
        options={(data?.mask ?? []).map(({ id }) => ({ id, label: named("maskReason", id) }))}
        choose={(reason) => void desk.act({ type: "mask_recording", reason })}
      />
      <Failure of={error} />
    </>
  );
}
