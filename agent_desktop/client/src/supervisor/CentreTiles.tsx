import type { ReactNode } from "react";
import { Age } from "../parts/Age";
import { useWords } from "../words/words";
import type { CentreFigures } from "./floor_state";
import { share } from "./format";

/** The centre in one line of large numbers. */
export function CentreTiles({ centre }: { centre: CentreFigures }) {
  const { word } = useWords();
  const { queues, calls } = centre;
  const { agents, today } = queues;
  const longest = queues.longest_wait_since;
  return (
    <dl className="tiles" id="centre">
      <Tile name={word("floor.waiting")}>{queues.waiting + queues.ringing}</Tile>
      <Tile name={word("floor.longest")}>{longest ? <Age since={longest} /> : "–"}</Tile>
      <Tile name={word("floor.level")}>{share(today.service_level)}</Tile>
      <Tile name={word("floor.abandoned")}>{share(today.abandon_rate)}</Tile>
      <Tile name={word("floor.ready")}>{agents.ready ?? 0}</Tile>
      <Tile name={word("floor.talking")}>{queues.talking}</Tile>
      <Tile name={word("floor.away")}>{agents.not_ready ?? 0}</Tile>
      <Tile name={word("floor.lines")}>{calls.busy}</Tile>
    </dl>
  );
}

function Tile({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="tile">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
