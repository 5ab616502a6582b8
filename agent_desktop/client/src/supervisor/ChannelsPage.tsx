/** The channel map: every leg of every running call with its level, to be heard and recorded by a click. */

import { useEffect, useRef, useState } from "react";
import { showTrouble, useDesk } from "../desk/seat";
import { TextField } from "../parts/Fields";
import { api, got } from "../server/rest";
import { useWords, type Word, whyNot } from "../words/words";
import type { Verb } from "./channel_row";
import { ChannelRows } from "./channel_rows";
import type { Levels } from "./floor";
import type { Leg } from "./floor_state";
import { useFloor, useFloorState } from "./use_floor";
import "./channels.css";

const HEADS: readonly Word[] = [
  ...(["party", "number", "queue", "channelState", "duration", "says", "hears"] as const),
  ...(["codec", "lineQuality", "recording", "listeners", "actions"] as const),
];

export default function ChannelsPage() {
  const { word, language } = useWords();
  const floor = useFloor();
  const { legs, me } = useFloorState();
  const desk = useDesk();
  const [text, setText] = useState("");
  const [count, setCount] = useState(0);
  const body = useRef<HTMLTableSectionElement>(null);
  const view = useRef<HTMLElement>(null);
  const rows = useRef<ChannelRows>(null);
  const act = useRef<(verb: Verb, leg: Leg) => void>(() => {});
  act.current = (verb, leg) => {
    if (verb === "listen" && !leg.listeners.includes(me)) desk?.expect(leg.contact_id);
    void done(verb, leg, Object.values(legs), me);
  };
  useEffect(() => {
    const drawn = new ChannelRows(body.current!, view.current!, (verb, leg) => act.current(verb, leg));
    rows.current = drawn;
    return () => drawn.close();
  }, []);
  useEffect(() => {
    const measure = (event: Event) => rows.current?.measure((event as CustomEvent<Levels>).detail);
    floor?.addEventListener("levels", measure);
    return () => floor?.removeEventListener("levels", measure);
  }, [floor]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: in another language it is drawn again
  useEffect(() => {
    if (!floor || !rows.current) return;
    const sought = text.trim().toLowerCase();
    const wanted = ({ number, party, queue }: Leg) =>
      !sought || [number, party, queue].some((one) => one?.toLowerCase().includes(sought));
    setCount(rows.current.draw(Object.values(legs), floor.levels, me, wanted));
  }, [floor, legs, me, text, language]);
  return (
    <div className="channel-map">
      <div className="page-head">
        <h1>{word("channels")}</h1>
        <span id="count" className="muted" role="status">
          {count} {word("channelCount")}
        </span>
        <span className="gap" />
        <TextField id="filter" label={word("filter")} value={text} onChange={setText} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys */}
      <section ref={view} id="map" className="map" aria-label={word("channels")} tabIndex={0}>
        {!count && (
          <p id="none" className="empty">
            {word("noChannels")}
          </p>
        )}
        <table id="channels" className="channels" aria-label={word("channels")} hidden={!count}>
          <thead>
            <tr>
              {HEADS.map((head) => (
                <th key={head} scope="col">
                  {word(head)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody id="legs" ref={body} />
        </table>
      </section>
    </div>
  );
}

async function done(verb: Verb, leg: Leg, legs: readonly Leg[], me: string): Promise<void> {
  const { contact_id } = leg;
  const agent =
    leg.role === "agent" ? leg : legs.find((one) => one.contact_id === contact_id && one.role === "agent");
  const agent_id = agent?.party ?? undefined;
  const params = { path: { contact_id }, query: { agent_id } };
  try {
    if (verb === "record")
      await got(
        leg.recording === "none"
          ? api.POST("/api/v1/contacts/{contact_id}/recording", { params })
          : api.DELETE("/api/v1/contacts/{contact_id}/recording", { params }),
      );
    else if (leg.listeners.includes(me))
      await got(api.DELETE("/api/v1/contacts/{contact_id}/listen", { params: { path: { contact_id } } }));
    else
      await got(
        api.POST("/api/v1/contacts/{contact_id}/listen", {
          params: { path: { contact_id } },
          body: { mode: "monitor", agent_id },
        }),
      );
    showTrouble(null);
  } catch (error) {
    showTrouble(() => whyNot(error));
  }
}
