/**
 * A screen on the wall: large numbers, nothing to press. Dark unless the address says `?theme=light`;
 * `?queues=sales,service` chooses queues, in that order.
 */

import { useEffect } from "react";
import { useSearchParams } from "react-router";
import { Age } from "../parts/Age";
import { Pill } from "../parts/Card";
import { useSession } from "../session/session";
import { named, useWords } from "../words/words";
import { CentreTiles } from "./CentreTiles";
import { share } from "./format";
import { FloorContext, useFloorState, useOpenWall } from "./use_floor";
import { chosenQueues } from "./wall";
import "./supervisor.css";
import "./wall.css";

export default function WallPage() {
  const { token } = useSession();
  const floor = useOpenWall(token);
  return (
    <FloorContext value={floor}>
      <Wall />
    </FloorContext>
  );
}

function Wall() {
  const { word } = useWords();
  const [search] = useSearchParams();
  const { figures, link } = useFloorState();
  useTheme(search.get("theme") === "light" ? "light" : "dark");
  if (!figures) return <p className="wall muted">{word("loading")}</p>;
  return (
    <main className="wall" id="wall">
      <h1 className="visually-hidden">{word("wall.title")}</h1>
      {link === "down" && (
        <Pill kind="bad" role="status">
          {word("floor.down")}
        </Pill>
      )}
      <CentreTiles centre={figures.centre} />
      <table className="wall-queues">
        <thead>
          <tr>
            <th scope="col">{word("floor.queue")}</th>
            <th scope="col">{word("floor.waiting")}</th>
            <th scope="col">{word("floor.longest")}</th>
            <th scope="col">{word("floor.level")}</th>
            <th scope="col">{word("floor.abandoned")}</th>
            <th scope="col">{word("floor.ready")}</th>
            <th scope="col">{word("floor.talking")}</th>
          </tr>
        </thead>
        <tbody>
          {chosenQueues(figures.queues, search.get("queues")).map((one) => (
            <tr key={one.queue} data-queue={one.queue}>
              <th scope="row">{one.title || named("queueName", one.queue)}</th>
              <td>{one.waiting + one.ringing}</td>
              <td>{one.longest_wait_since ? <Age since={one.longest_wait_since} /> : "–"}</td>
              <td>{share(one.today.service_level)}</td>
              <td>{share(one.today.abandon_rate)}</td>
              <td>{one.agents.ready ?? 0}</td>
              <td>{one.talking}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </main>
  );
}

/** While the wall is shown; what the person has chosen for other pages stays kept. */
function useTheme(theme: "light" | "dark"): void {
  useEffect(() => {
    const { dataset } = document.documentElement;
    const before = dataset.theme;
    dataset.theme = theme;
    return () => {
      if (before) dataset.theme = before;
      else delete dataset.theme;
    };
  }, [theme]);
}
