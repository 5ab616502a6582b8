import { Drawer } from "../parts/Drawer";
import { useWords } from "../words/words";
import { AgentPanel } from "./AgentPanel";
import { ContactPanel } from "./ContactPanel";
import { useDrawer } from "./drawer";
import { useFloorState } from "./use_floor";

/** Whom, or what, the page's address is about. */
export function ContactOrAgent() {
  const { word } = useWords();
  const { agents } = useFloorState();
  const { agent, contact, close } = useDrawer();
  const who = agent ? agents[agent] : undefined;
  if (agent && who)
    return (
      <Drawer title={`${who.name} · ${who.number}`} about={agent} onClose={close}>
        <AgentPanel key={agent} agent={who} />
      </Drawer>
    );
  if (contact)
    return (
      <Drawer title={word("seat.contact")} about={contact} onClose={close}>
        <ContactPanel key={contact} contact={contact} />
      </Drawer>
    );
  return null;
}
