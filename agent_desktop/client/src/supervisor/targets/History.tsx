/** A target's figure over time, with what was done about it. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Card } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { Select } from "../../parts/Fields";
import { TableBox } from "../../parts/TableBox";
import { moment } from "../../parts/time";
import { api, got, type Schemas } from "../../server/rest";
import { useWords } from "../../words/words";
import { chartOf } from "./chart";
import { Light } from "./Light";
import { dayOf } from "./target";
import { ofTarget } from "./useTargets";

const DAY = 86_400_000; // ms
const AGAIN = 30_000; // ms

const STRETCHES = {
  today: { days: 0, by: "30m", interval: DAY / 48 },
  week: { days: 6, by: "day", interval: DAY },
  month: { days: 30, by: "day", interval: DAY },
  year: { days: 364, by: "week", interval: 7 * DAY },
} as const;

type Stretch = keyof typeof STRETCHES;

export function History({ id }: { id: string }) {
  const { word, named } = useWords();
  const [stretch, setStretch] = useState<Stretch>("month");
  const { days, by } = STRETCHES[stretch];
  const query = { since: dayOf(new Date(), days), by };
  const { data, error } = useQuery({
    queryKey: [...ofTarget(id), "history", query],
    queryFn: () =>
      got(
        api.GET("/api/v1/targets/{definition_id}/history", {
          params: { path: { definition_id: id }, query },
        }),
      ),
    refetchInterval: AGAIN,
  });
  return (
    <Card id="history" title={word("target.history")}>
      <div className="row">
        <Select
          label={word("target.stretch")}
          options={Object.keys(STRETCHES).map((each) => ({ id: each, label: named("stretch", each) }))}
          value={stretch}
          onChange={(news) => setStretch(news as Stretch)}
        />
      </div>
      <Failure of={error} />
      {data ? <Drawn history={data} stretch={stretch} /> : !error && <p role="status">{word("loading")}</p>}
    </Card>
  );
}

/** That a bar is beyond a bound is seen by the bounds' lines, too; the same stands below as a table. */
function Drawn({ history, stretch }: { history: Schemas["TargetHistory"]; stretch: Stretch }) {
  const { word } = useWords();
  const { points, target, actions } = history;
  const { days, interval } = STRETCHES[stretch];
  const since = new Date(`${dayOf(new Date(), days)}T00:00`).getTime();
  const until = new Date(`${dayOf(new Date())}T00:00`).getTime() + DAY;
  const { definition } = target;
  const { bars, green, yellow } = chartOf(points, definition, { since, until, interval });
  if (!bars.length) return <p className="empty">{word("target.noHistory")}</p>;
  const begun = actions
    .map(({ id, begun_on }) => ({ id, x: (Date.parse(`${begun_on}T00:00`) - since) / (until - since) }))
    .filter(({ x }) => x >= 0 && x < 1);
  return (
    <>
      <svg className="chart" viewBox="0 0 1000 200" preserveAspectRatio="none" role="img">
        <title>{word("target.history")}</title>
        {bars.map(({ begins_at, x, width, height, light }) => (
          <rect
            key={begins_at}
            data-light={light}
            x={1000 * x}
            width={Math.max(1, 1000 * width - 2)}
            y={200 - Math.max(2, 200 * height)}
            height={Math.max(2, 200 * height)}
          />
        ))}
        <line className="bound" data-light="green" x2={1000} y1={200 - 200 * green} y2={200 - 200 * green} />
        <line
          className="bound"
          data-light="yellow"
          x2={1000}
          y1={200 - 200 * yellow}
          y2={200 - 200 * yellow}
        />
        {begun.map(({ id, x }) => (
          <line key={id} className="begun" x1={1000 * x} x2={1000 * x} y2={200} />
        ))}
      </svg>
      <p className="muted">{word("target.chartKey")}</p>
      <details>
        <summary>{word("target.asTable")}</summary>
        <TableBox label={word("target.asTable")}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{word("target.begins")}</th>
                <th scope="col">{word("target.figure")}</th>
              </tr>
            </thead>
            <tbody>
              {[...points].reverse().map(({ begins_at, value, light }) => (
                <tr key={begins_at}>
                  <th scope="row">{moment(begins_at)}</th>
                  <td>
                    <Light light={light} value={value} kpi={definition.kpi} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableBox>
      </details>
    </>
  );
}
