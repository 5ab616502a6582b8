/** Before the first call: whether the microphone hears, the speaker sounds, and the network carries both. */

import { useState } from "react";
import type { Desk } from "../../desk/desk";
import { useEquipment } from "../../desk/seat";
import { Button } from "../../parts/Button";
import { Facts, Pill } from "../../parts/Card";
import { Dialog } from "../../parts/Dialog";
import { Failure } from "../../parts/Failure";
import { useDone } from "../../parts/useDone";
import { useWords } from "../../words/words";
import { browserNow } from "./browser_kind";
import { DeviceChoices, Level } from "./Sound";
import { playTone } from "./tone";

interface DeviceCheckProps {
  desk: Desk;
  isOpen: boolean;
  onClose(): void;
}

export function DeviceCheck({ desk, isOpen, onClose }: DeviceCheckProps) {
  const { word } = useWords();
  return (
    <Dialog title={word("deviceCheck")} isOpen={isOpen} onClose={onClose}>
      <div className="stack" id="device-check-dialog">
        <MicrophonePart />
        <SpeakerPart />
        <NetworkPart desk={desk} />
      </div>
    </Dialog>
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

function NetworkPart({ desk }: { desk: Desk }) {
  const { word } = useWords();
  const { busy, failure, attempt } = useDone();
  const [trip, setTrip] = useState<number | null>(null);
  const { figures } = desk.softphone;
  const path = { connected: word("pathWell"), failed: word("pathFailed"), untested: word("pathUntested") }[
    desk.path
  ];
  async function measure() {
    await attempt(async () => {
      setTrip(await desk.roundTrip());
      await desk.check();
    });
  }
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
      <div className="buttons">
        <Button id="check-network" isPending={busy} onPress={() => void measure()}>
          {word("checkNetwork")}
        </Button>
      </div>
      {desk.path === "failed" && <p role="note">{word("pathHelp")}</p>}
      <Failure of={failure} />
    </section>
  );
}
