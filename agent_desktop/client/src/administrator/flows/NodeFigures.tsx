/** The same as the picture tells, to be sorted and read aloud. */

import { useQuery } from "@tanstack/react-query";
import { Card } from "../../parts/Card";
import { type ColumnOf, DataTable } from "../../parts/DataTable";
import { Failure } from "../../parts/Failure";
import { api, got, type Schemas } from "../../server/rest";
import { useWords } from "../../words/words";
import type { Span } from "./FlowPicture";
import { type Flow, percent } from "./figures";

type Node = Schemas["NodeFigures"];

const EVERY = 15_000; // ms

export function NodeFigures({ flow, span }: { flow: Flow; span: Span }) {
  const { word } = useWords();
  const report = useQuery({
    queryKey: ["node-figures", flow.name, span],
    queryFn: () =>
      got(
        api.GET("/api/v1/flows/{flow}/figures", {
          params: { path: { flow: flow.name }, query: span },
        }),
      ),
    refetchInterval: EVERY,
  });
  const count = (id: string, label: string, value: (node: Node) => number): ColumnOf<Node> => ({
    id,
    label,
    cell: value,
    by: value,
    number: true,
  });
  const columns: ColumnOf<Node>[] = [
    {
      id: "node",
      label: word("flows.node"),
      cell: ({ node, part }) => (part === flow.name ? node : `${part}: ${node}`),
      by: ({ node, part }) => `${part}: ${node}`,
    },
    count("version", word("flows.version"), ({ version }) => version),
    count("entered", word("flows.entered"), ({ entered }) => entered),
    {
      id: "left",
      label: word("flows.left"),
      cell: ({ left }) =>
        Object.entries(left)
          .map(([way, times]) => `${way}: ${times}`)
          .join(" · "),
    },
    {
      ...count("abandoned", word("flows.abandoned"), ({ abandoned }) => abandoned),
      cell: ({ abandoned, entered }) => `${abandoned} (${percent(abandoned, entered)})`,
    },
    count("wrong", word("flows.wrong"), ({ wrong }) => wrong),
    count("silent", word("flows.silent"), ({ silent }) => silent),
    count("inside", word("flows.inside"), ({ inside }) => inside),
    {
      id: "stay",
      label: word("flows.stay"),
      cell: ({ stay_p50, stay_p95 }) =>
        stay_p50 === null ? "—" : `${stay_p50.toFixed(1)} / ${stay_p95?.toFixed(1)} s`,
      by: ({ stay_p50 }) => stay_p50,
      number: true,
    },
  ];
  return (
    <Card id="node-figures" title={word("flows.nodes")}>
      <Failure of={report.error} exact />
      <DataTable
        label={word("flows.nodes")}
        columns={columns}
        rows={report.data?.rows ?? []}
        idOf={({ part, node, version }) => `${version} ${part} ${node}`}
        empty={word(report.isPending ? "loading" : "flows.nobodyCame")}
      />
    </Card>
  );
}
