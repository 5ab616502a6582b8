/** What the phone sounds from and to. */

import { useEffect, useRef } from "react";
import type { DeviceKind } from "../../desk/devices";
import { showTrouble, useEquipment } from "../../desk/seat";
import { useWords } from "../../words/words";

const LEVEL_EVERY = 100; // ms

/** `prefix`: for the ids, where they are on the page already. */
export function DeviceChoices({ prefix = "" }: { prefix?: string }) {
  const { word } = useWords();
  const { devices } = useEquipment();
  return (
    <div className="devices">
      <DeviceChoice id={`${prefix}microphones`} kind="audioinput" label={word("useMicrophone")} />
      {devices.speakersCanBeChosen && (
        <DeviceChoice id={`${prefix}speakers`} kind="audiooutput" label={word("useSpeaker")} />
      )}
    </div>
  );
}

/** How loud the microphone is. */
export function Level() {
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
      <meter ref={meter} min={0} max={1} low={0.02} high={0.8} optimum={0.3} value={0} />
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
