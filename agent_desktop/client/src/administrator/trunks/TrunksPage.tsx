/** The trunks with their health, as it is at this moment, and the routes over them. */

import { useQuery } from "@tanstack/react-query";
import { Empty } from "../../parts/Card";
import { DataTable } from "../../parts/DataTable";
import { Failure } from "../../parts/Failure";
import { reads } from "../../server/reads";
import { api, got } from "../../server/rest";
import { useWords } from "../../words/words";
import { TrunkCard } from "./TrunkCard";

const AGAIN = 3000; // ms

export default function TrunksPage() {
  const { word } = useWords();
  const trunks = useQuery({ ...reads.trunks, refetchInterval: AGAIN });
  return (
    <>
      <h1>{word("trunks.title")}</h1>
      <p className="muted">{word("trunks.fromFile")}</p>
      <Failure of={trunks.error} />
      {trunks.data?.length === 0 && <Empty>{word("trunks.none")}</Empty>}
      {trunks.isPending && <Empty>{word("loading")}</Empty>}
      <div className="trunks">
        {trunks.data?.map((trunk) => (
          <TrunkCard key={trunk.trunk} trunk={trunk} />
        ))}
      </div>
      <Routes />
    </>
  );
}

function Routes() {
  const { word } = useWords();
  const routes = useQuery({ queryKey: ["routes"], queryFn: () => got(api.GET("/api/v1/routes")) });
  return (
    <>
      <h2>{word("trunks.routes")}</h2>
      <Failure of={routes.error} />
      <DataTable
        label={word("trunks.routes")}
        rows={routes.data ?? []}
        idOf={({ prefix }) => prefix || "*"}
        empty={word(routes.isPending ? "loading" : "trunks.noRoutes")}
        columns={[
          {
            id: "prefix",
            label: word("trunks.prefix"),
            cell: ({ prefix }) => prefix || word("trunks.every"),
          },
          {
            id: "by",
            label: word("trunks.by"),
            cell: ({ trunks, barred }) => (barred ? word("trunks.barred") : trunks.join(" → ")),
          },
          { id: "as", label: word("trunks.dialAs"), cell: ({ dial_as }) => dial_as ?? "" },
        ]}
      />
    </>
  );
}
