/** The flows that callers walk through: how they fare today, and the page of each. */

import { useQuery } from "@tanstack/react-query";
import { Route, Routes, useNavigate } from "react-router";
import { Button } from "../../parts/Button";
import { type ColumnOf, DataTable } from "../../parts/DataTable";
import { Failure } from "../../parts/Failure";
import { moment } from "../../parts/time";
import { api, got } from "../../server/rest";
import { useWords } from "../../words/words";
import { FlowPage } from "./FlowPage";
import { type FlowRow, percent, rowsOf } from "./figures";
import { NewFlow } from "./NewFlow";
import "./flows.css";

const EVERY = 15_000; // ms

export default function FlowsPage() {
  return (
    <Routes>
      <Route index element={<FlowList />} />
      <Route path="new" element={<NewFlow />} />
      <Route path="of/:name" element={<FlowPage />} />
    </Routes>
  );
}

function FlowList() {
  const { word } = useWords();
  const navigate = useNavigate();
  const flows = useQuery({ queryKey: ["flows"], queryFn: () => got(api.GET("/api/v1/flows")) });
  const figures = useQuery({
    queryKey: ["flow-figures"],
    queryFn: () => got(api.GET("/api/v1/flow-figures")),
    refetchInterval: EVERY,
  });
  const columns: ColumnOf<FlowRow>[] = [
    { id: "name", label: word("flows.name"), cell: ({ flow }) => flow.name, by: ({ flow }) => flow.name },
    { id: "version", label: word("flows.version"), cell: ({ flow }) => flow.version, number: true },
    {
      id: "sources",
      label: word("flows.sources"),
      cell: ({ flow }) =>
        flow.sources.join(", ") || word(flow.in_force ? "flows.madeHere" : "flows.nothingLeadsThere"),
    },
    {
      id: "updated",
      label: word("updatedAt"),
      cell: ({ flow }) => moment(flow.updated_at),
      by: ({ flow }) => flow.updated_at,
    },
    {
      id: "entered",
      label: word("flows.entered"),
      cell: ({ entered }) => entered,
      by: ({ entered }) => entered,
      number: true,
    },
    {
      id: "contained",
      label: word("flows.contained"),
      cell: ({ served, entered }) => percent(served, entered),
      by: ({ served, entered }) => (entered ? served / entered : null),
      number: true,
    },
    {
      id: "abandoned",
      label: word("flows.abandoned"),
      cell: ({ abandoned, entered }) => percent(abandoned, entered),
      by: ({ abandoned, entered }) => (entered ? abandoned / entered : null),
      number: true,
    },
    { id: "inside", label: word("flows.inside"), cell: ({ inside }) => inside, number: true },
  ];
  return (
    <>
      <div className="page-head">
        <h1>{word("flows.title")}</h1>
        <span className="gap" />
        <Button id="add" look="primary" onPress={() => void navigate("new")}>
          {word("flows.add")}
        </Button>
      </div>
      <p className="muted">{word("flows.about")}</p>
      <Failure of={flows.error ?? figures.error} />
      <DataTable
        label={word("flows.title")}
        columns={columns}
        rows={rowsOf(flows.data ?? [], figures.data?.rows ?? [])}
        idOf={({ flow }) => flow.name}
        empty={word(flows.isPending ? "loading" : "flows.none")}
        onOpen={({ flow }) => void navigate(`of/${encodeURIComponent(flow.name)}`)}
      />
    </>
  );
}
