/** How the phone in the browser is: what keeps calls away, who has the audio, what it sounds from and to. */

import { useContext, useEffect, useState } from "react";
import type { Desk } from "../desk/desk";
import { HeadsetContext } from "../desk/headset";
import { showTrouble, useEquipment } from "../desk/seat";
import { Button } from "../parts/Button";
import { Card, Empty, Facts } from "../parts/Card";
import { Dialog } from "../parts/Dialog";
import { useWords, whyNot } from "../words/words";
import { DeviceCheck } from "./device_check/DeviceCheck";
import { DeviceChoices, Level } from "./device_check/Sound";

export function PhoneCard({ desk }: { desk: Desk }) {
  const { word } = useWords();
  return (
    <Card title={word("phone")} className="phone-strip">
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
  const { word } = useWords();
  const [checking, setChecking] = useState(false);
  const ringing = desk.call?.state === "ringing" ? desk.call.contact_id : null;
  useEffect(() => {
    if (ringing) setChecking(false); // what stands over the page would keep the agent from answering
  }, [ringing]);
  return (
    <div id="phone" className="stack">
      <div className="buttons">
        {!desk.audioHere && (
          <Button id="take-audio" look="primary" onPress={() => void desk.takeAudio()}>
            {word("takeAudio")}
          </Button>
        )}
        <Button id="check" onPress={() => setChecking(true)}>
          {word("checkDevices")}
        </Button>
      </div>
      <details id="phone-details">
        <summary>{word("details")}</summary>
        <PhoneFacts desk={desk} />
        <Level />
        <DeviceChoices />
        <HeadsetLine />
      </details>
      <Dialog title={word("deviceCheck")} isOpen={checking} onClose={() => setChecking(false)}>
        <DeviceCheck desk={desk} />
      </Dialog>
    </div>
  );
}

function PhoneFacts({ desk }: { desk: Desk }) {
  const { word, named } = useWords();
  const { microphone } = useEquipment();
  const said = (id: string, kind: string, name: string) => (
    <span key={id} id={id}>
      {named(kind, name)}
    </span>
  );
  return (
    <Facts
      facts={[
        [word("connection"), said("connection", "link", desk.link)],
        [word("audio"), said("audio-owner", "audio", desk.audio)],
        [word("microphone"), said("microphone", "mic", microphone.state)],
      ]}
    />
  );
}

/** Keys of a headset: the browser asks for it once. */
function HeadsetLine() {
  const { word } = useWords();
  const headset = useContext(HeadsetContext);
  if (!headset.supported) return <p className="muted">{word("headsetNotHere")}</p>;
  return (
    <p className="buttons" id="headset">
      <span className="gap muted">{headset.name ?? word("noHeadset")}</span>
      <Button onPress={() => void headset.ask().catch((error) => showTrouble(() => whyNot(error)))}>
        {word("useHeadset")}
      </Button>
    </p>
  );
}
