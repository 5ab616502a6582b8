import { useQuery } from "@tanstack/react-query";
import { bytes } from "../../parts/bytes";
import { Card, Pill } from "../../parts/Card";
import { DataTable } from "../../parts/DataTable";
import { Failure } from "../../parts/Failure";
import { length } from "../../parts/time";
import { api, got, type Schemas } from "../../server/rest";
import { useWords } from "../../words/words";

type Disk = Schemas["DiskView"];

const EVERY = 15_000; // ms
const SEVERE: readonly Disk["stage"][] = ["spare", "refuse"];

export function DisksCard() {
  const { word, named } = useWords();
  const disks = useQuery({
    queryKey: ["disks"],
    queryFn: () => got(api.GET("/api/v1/archive/disks")),
    refetchInterval: EVERY,
  });
  return (
    <Card id="disks" title={word("system.disks")}>
      <Failure of={disks.error} />
      <DataTable
        label={word("system.disks")}
        rows={disks.data ?? []}
        idOf={({ disk }) => disk}
        empty={word(disks.isPending ? "loading" : "system.noDisks")}
        columns={[
          { id: "places", label: word("system.places"), cell: ({ places }) => places.join(", ") },
          {
            id: "free",
            label: word("system.free"),
            cell: ({ free, total }) =>
              `${bytes(free)} / ${bytes(total)} (${Math.round((100 * free) / total)} %)`,
            number: true,
          },
          {
            id: "stage",
            label: word("system.stage"),
            cell: ({ stage }) => <Pill kind={looks(stage)}>{named("diskStage", stage)}</Pill>,
          },
          {
            id: "left",
            label: word("system.fullIn"),
            cell: ({ seconds_left }) => (seconds_left === null ? "—" : length(seconds_left)),
            number: true,
          },
        ]}
      />
    </Card>
  );
}

function looks(stage: Disk["stage"]) {
  if (stage === "ok") return "good";
  return SEVERE.includes(stage) ? "bad" : "warn";
}
