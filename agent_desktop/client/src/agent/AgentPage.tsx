/** What an agent works with: what there is to do, the contact at hand, and whose it is. */

import { useEffect, useState } from "react";
import type { Desk } from "../desk/desk";
import { useDesk } from "../desk/seat";
import type { ScreenPop } from "../server/told";
import { may, useSession } from "../session/session";
import { useWords } from "../words/words";
import { CallCard } from "./CallCard";
import { CustomerPanel } from "./customer/CustomerPanel";
import { FaxPane } from "./fax/FaxPane";
import { Messages } from "./Messages";
import { ContactForm } from "./outcome/ContactForm";
import { NoteForm } from "./outcome/NoteForm";
import { Outcome } from "./outcome/Outcome";
import { PhoneCard } from "./PhoneCard";
import { type Owing, TaskList } from "./tasks/TaskList";
import "./agent.css";

const WORKED_ON = ["talking", "wrap_up"];

export default function AgentPage() {
  const { word } = useWords();
  const desk = useDesk();
  const [chosen, setChosen] = useState<string | null>(null);
  const [owed, setOwed] = useState<Owing | null>(null);
  const calling = desk?.call?.contact_id ?? null;
  useEffect(() => {
    if (calling) setChosen(null); // whoever calls now is who the page is about
  }, [calling]);
  if (!desk) return <p className="muted">{word("loading")}</p>;
  const { call } = desk;
  const beside = desk.screens.of(chosen);
  const pop = beside ?? call?.pop ?? desk.pop ?? desk.screens.first;
  return (
    <div className="desk" id="desk">
      <h1 className="visually-hidden">{word("desk")}</h1>
      <Messages desk={desk} />
      <div className="column side">
        <TaskList desk={desk} chosen={beside ? chosen : null} onChoose={setChosen} onOwed={setOwed} />
        <PhoneCard desk={desk} />
      </div>
      <div className="column">
        <CallCard desk={desk} call={call} />
        <AtHand key={pop?.contact_id} desk={desk} pop={pop} />
        {owed && (
          <Outcome
            key={owed.interaction_id}
            desk={desk}
            interaction={owed.interaction_id}
            queue={owed.queue}
          />
        )}
      </div>
      <CustomerPanel desk={desk} pop={pop} />
    </div>
  );
}

/** What is written about the contact: its form, a note, what became of it. */
function AtHand({ desk, pop }: { desk: Desk; pop: ScreenPop | null }) {
  const { account } = useSession();
  const wrapUp = desk.agent?.wrap_up;
  const served = pop?.channel !== "voice" || (desk.agent?.contact_id === pop.contact_id && isWorkedOn(desk));
  const interaction = (served && pop?.interaction_id) || wrapUp?.interaction_id;
  const queue = pop?.queue ?? wrapUp?.queue;
  const contact = served && pop ? pop.contact_id : wrapUp?.contact_id;
  return (
    <>
      {pop?.channel === "fax" && <FaxPane contact={pop.contact_id} />}
      {served && pop?.form && may(account, "forms.fill") && <ContactForm pop={pop} form={pop.form} />}
      {contact && (
        <section className="card">
          <NoteForm key={contact} contact={contact} />
        </section>
      )}
      {interaction && queue && may(account, "forms.fill") && (
        <Outcome key={interaction} desk={desk} interaction={interaction} queue={queue} />
      )}
    </>
  );
}

function isWorkedOn(desk: Desk): boolean {
  return WORKED_ON.includes(desk.agent?.state ?? "");
}
