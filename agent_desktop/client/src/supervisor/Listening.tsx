/** A supervisor's own part in a running call, at their own phone. */

import { useDesk } from "../desk/seat";
import { Button } from "../parts/Button";
import { ToggleButton } from "../parts/ToggleButton";
import { api, got } from "../server/rest";
import { useWords } from "../words/words";
import { useAct } from "./act";
import { useFloorState } from "./use_floor";

const MODES = ["monitor", "whisper", "barge"] as const;
type Mode = (typeof MODES)[number];

export function Listening({ contact, agent }: { contact: string; agent: string | null }) {
  const { word } = useWords();
  const { legs, me } = useFloorState();
  const desk = useDesk();
  const { busy, act } = useAct();
  const own = Object.values(legs).find(
    ({ contact_id, role, party }) => contact_id === contact && role === "supervisor" && party === me,
  );
  const params = { path: { contact_id: contact } };
  function listen(mode: Mode) {
    desk?.expect(contact);
    void act(() =>
      got(api.POST("/api/v1/contacts/{contact_id}/listen", { params, body: { mode, agent_id: agent } })),
    );
  }
  const stop = () => void act(() => got(api.DELETE("/api/v1/contacts/{contact_id}/listen", { params })));
  const takeOver = () => void act(() => got(api.POST("/api/v1/contacts/{contact_id}/take-over", { params })));
  return (
    <fieldset className="buttons" aria-label={word("contact.monitor")}>
      {MODES.map((mode) => (
        <ToggleButton
          key={mode}
          id={`listen-${mode}`}
          isSelected={own?.state === mode}
          isDisabled={busy}
          onChange={() => listen(mode)}
        >
          {word(`contact.${mode}`)}
        </ToggleButton>
      ))}
      {own && (
        <>
          <Button id="listen-stop" look="stop" isDisabled={busy} onPress={stop}>
            {word("contact.stop")}
          </Button>
          <Button id="take-over" isDisabled={busy} onPress={takeOver}>
            {word("contact.takeOver")}
          </Button>
        </>
      )}
    </fieldset>
  );
}
