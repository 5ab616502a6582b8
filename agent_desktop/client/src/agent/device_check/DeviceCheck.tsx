/** Before the first call: whether the microphone hears, the speaker sounds, and the network carries both. */

import { useEffect, useRef, useState } from "react";
import type { Desk } from "../../desk/desk";
import { useEquipment } from "../../desk/seat";
import { Button } from "../../parts/Button";
import { Facts, Pill } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { useDone } from "../../parts/useDone";
import { useWords } from "../../words/words";
import { browserNow } from "./browser_kind";
import { DeviceChoices, Level } from "./Sound";
import { playTone } from "./tone";

type Checked = "checking" | "well" | "trouble";

/** All is tried as soon as it is opened, and again when it is asked for. */
export function DeviceCheck({ desk }: { desk: Desk }) {
  const { word, named } = useWords();
  const { microphone } = useEquipment();
  const [checked, setChecked] = useState<Checked>("checking");
  const [trip, setTrip] = useState<number | null>(null);
  const { busy, failure, attempt } = useDone();
  async function check(): Promise<void> {
    setChecked("checking");
    const tried = await attempt(async () => {
      setChecked((await desk.check()) ? "well" : "trouble");
      setTrip(await desk.roundTrip());
    });
    if (!tried) setChecked("trouble");
  }
  const first = useRef(check);
  useEffect(() => void first.current(), []);
  const trouble =
    microphone.state === "live" ? named("unfit", "media-path-failed") : named("mic", microphone.state);
  const said = { checking: word("checking"), well: word("checkWell"), trouble: failure ? "" : trouble };
  return (
    <div className="stack" id="device-check-dialog">
      <p id="check-result" role="status">
        {said[checked]}
      </p>
      <Failure of={failure} />
      <MicrophonePart />
      <SpeakerPart />
      <NetworkPart desk={desk} trip={trip} />
      <div className="buttons">
        <Button id="check-again" isPending={busy} onPress={() => void check()}>
          {word("checkAgain")}
        </Button>
      </div>
    </div>
  );
}

function MicrophonePart() {
  const { word, named } = useWords();
  const { microphone } = useEquipment();
  const well = microphone.state === "live";
  return (
    <section className="stack">
      <h3>{word("microphone")}</h3>
      <p>
        <Pill kind={well ? "good" : "bad"}>{named("mic", microphone.state)}</Pill>
      </p>
      {well ? <p className="muted">{word("checkSays")}</p> : <PermissionHelp state={microphone.state} />}
      <Level />
      <DeviceChoices prefix="check-" />
      {!well && <Button onPress={() => void microphone.open()}>{word("tryAgain")}</Button>}
    </section>
  );
}

/** Where the browser has what keeps the microphone from us. */
function PermissionHelp({ state }: { state: string }) {
  const { named } = useWords();
  const browser = browserNow();
  const help =
    state === "denied" || state === "unasked" ? named("permission", browser) : named("micHelp", state);
  return <p role="note">{help}</p>;
}

function SpeakerPart() {
  const { word } = useWords();
  const { devices } = useEquipment();
  const { busy, failure, attempt } = useDone();
  return (
    <section className="stack">
      <h3>{word("speaker")}</h3>
      <p className="muted">{word("toneSays")}</p>
      <div className="buttons">
        <Button
          id="play-tone"
          isPending={busy}
          onPress={() => void attempt(() => playTone(devices.inUse("audiooutput")))}
        >
          {word("playTone")}
        </Button>
      </div>
      <Failure of={failure} />
    </section>
  );
}

function NetworkPart({ desk, trip }: { desk: Desk; trip: number | null }) {
  const { word } = useWords();
  const { figures } = desk.softphone;
  const path = { connected: word("pathWell"), failed: word("pathFailed"), untested: word("pathUntested") }[
    desk.path
  ];
  const ms = (value: number) => `${Math.round(value)} ${word("milliseconds")}`;
  return (
    <section className="stack">
      <h3>{word("network")}</h3>
      <Facts
        facts={[
          [word("serverRoundTrip"), trip === null ? "—" : ms(trip)],
          [word("audioPath"), path],
          [word("audioRoundTrip"), figures?.roundTrip == null ? "—" : ms(figures.roundTrip * 1000)],
          [word("protocol"), figures?.protocol.toUpperCase()],
        ]}
      />
      {desk.path === "failed" && <p role="note">{word("pathHelp")}</p>}
    </section>
  );
}
