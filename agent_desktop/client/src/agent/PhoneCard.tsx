/** How the phone in the browser is: what keeps calls away, who has the audio, what it sounds from and to. */

import { useEffect, useRef, useState } from "react";
import type { Desk } from "../desk/desk";
import type { DeviceKind } from "../desk/devices";
import { showTrouble, useEquipment } from "../desk/seat";
import { Button } from "../parts/Button";
import { Card, Empty, Facts } from "../parts/Card";
import { useWords, word } from "../words/words";

const LEVEL_EVERY = 100; // ms

export function PhoneCard({ desk }: { desk: Desk }) {
  const { word } = useWords();
  return (
    <Card title={word("phone")}>
      <Fitness desk={desk} />
      {desk.hasPhone ? (
        <Phone desk={desk} />
      ) : (
        desk.agent && <Empty id="no-browser-phone">{word("otherPhone")}</Empty>
      )}
    </Card>
  );
}

function Fitness({ desk }: { desk: Desk }) {
  const { word, named } = useWords();
  const unfit = desk.agent?.unfit ?? [];
  const silent = [...desk.calls.values()].some((call) => call.state === "talking" && !call.audio);
  const well = unfit.length === 0 && desk.link === "up" && desk.hasPhone && !silent;
  return (
    <>
      {unfit.length > 0 && (
        <div className="reasons" aria-live="polite">
          {word("noCallsBecause")}
          <ul id="unfit">
            {unfit.map((reason) => (
              <li key={reason}>{named("unfit", reason)}</li>
            ))}
          </ul>
        </div>
      )}
      {well && (
        <p id="fit" className="well">
          {word("allWell")}
        </p>
      )}
    </>
  );
}

function Phone({ desk }: { desk: Desk }) {
  const { word, named } = useWords();
  const { microphone, devices } = useEquipment();
  return (
    <div id="phone">
      <Facts
        facts={[
          [
            word("connection"),
            <span key="link" id="connection">
              {named("link", desk.link)}
            </span>,
          ],
          [
            word("audio"),
            <span key="audio" id="audio-owner">
              {named("audio", desk.audio)}
            </span>,
          ],
          [
            word("microphone"),
            <span key="mic" id="microphone">
              {named("mic", microphone.state)}
            </span>,
          ],
        ]}
      />
      <Level />
      <div className="devices">
        <DeviceChoice id="microphones" kind="audioinput" label={word("useMicrophone")} />
        {devices.speakersCanBeChosen && (
          <DeviceChoice id="speakers" kind="audiooutput" label={word("useSpeaker")} />
        )}
      </div>
      <div className="buttons">
        {!desk.audioHere && (
          <Button id="take-audio" look="primary" onPress={() => void desk.takeAudio()}>
            {word("takeAudio")}
          </Button>
        )}
        <Check desk={desk} />
      </div>
    </div>
  );
}

function Level() {
  const { word } = useWords();
  const { microphone } = useEquipment();
  const meter = useRef<HTMLMeterElement>(null);
  useEffect(() => {
    const timer = setInterval(() => {
      if (meter.current) meter.current.value = microphone.level(); // ten times a second: not React's to draw
    }, LEVEL_EVERY);
    return () => clearInterval(timer);
  }, [microphone]);
  return (
    <label className="level">
      <span className="muted">{word("level")}</span>
      <meter id="level" ref={meter} min={0} max={1} low={0.02} high={0.8} optimum={0.3} value={0} />
    </label>
  );
}

function DeviceChoice({ id, kind, label }: { id: string; kind: DeviceKind; label: string }) {
  const { word } = useWords();
  const { devices } = useEquipment();
  function choose(device: string) {
    devices.choose(kind, device).catch(() => showTrouble(() => word("deviceTaken")));
  }
  return (
    <label>
      <span className="muted">{label}</span>
      <select
        id={id}
        className="native"
        value={devices.inUse(kind)}
        onChange={(event) => choose(event.target.value)}
      >
        <option value="">{word("systemsOwn")}</option>
        {devices.list(kind).map((device) => (
          <option key={device.deviceId} value={device.deviceId}>
            {device.label}
          </option>
        ))}
      </select>
    </label>
  );
}

type Checked = "checking" | "well" | "trouble";

function Check({ desk }: { desk: Desk }) {
  const { named } = useWords();
  const { microphone } = useEquipment();
  const [checked, setChecked] = useState<Checked | null>(null);
  async function check() {
    setChecked("checking");
    setChecked((await desk.check()) ? "well" : "trouble");
  }
  const trouble =
    microphone.state === "live" ? named("unfit", "media-path-failed") : named("mic", microphone.state);
  const said = { checking: word("checking"), well: `${word("checkWell")} ${word("checkSays")}`, trouble };
  return (
    <>
      <Button id="check" onPress={() => void check()}>
        {word("checkDevices")}
      </Button>
      <p id="check-result" className="muted" role="status">
        {checked && said[checked]}
      </p>
    </>
  );
}
