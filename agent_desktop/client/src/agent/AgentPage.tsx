/** What an agent works with: the call at hand, whose it is, and the phone. */

import { useEffect } from "react";
import { useDesk } from "../desk/seat";
import { useWords } from "../words/words";
import { CallCard } from "./CallCard";
import { CustomerCard } from "./CustomerCard";
import { PhoneCard } from "./PhoneCard";
import { obeyShortcuts } from "./shortcuts";
import "./agent.css";

export default function AgentPage() {
  const { word } = useWords();
  const desk = useDesk();
  useEffect(() => (desk ? obeyShortcuts(desk) : undefined), [desk]);
  if (!desk) return <p className="muted">{word("loading")}</p>;
  const call = desk.call;
  return (
    <div className="desk" id="desk">
      <h1 className="visually-hidden">{word("desk")}</h1>
      <CallCard desk={desk} call={call} />
      <CustomerCard pop={call?.pop ?? desk.pop} />
      <PhoneCard desk={desk} />
    </div>
  );
}
