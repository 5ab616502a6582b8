/** What usually arrives at this time: a surge is beyond it, and raises an alert without a rule. */

import { useQuery } from "@tanstack/react-query";
import { Card } from "../../parts/Card";
import { type ColumnOf, DataTable } from "../../parts/DataTable";
import { Failure } from "../../parts/Failure";
import { api, got, type Schemas } from "../../server/rest";
import { languageNow, named, useWords, word as wordNow } from "../../words/words";

type Forecast = Schemas["ArrivalForecast"];

const AGAIN = 20_000; // ms: the server looks once a minute

export function Forecasts() {
  const { word } = useWords();
  const forecasts = useQuery({
    queryKey: ["arrival-forecasts"],
    queryFn: () => got(api.GET("/api/v1/arrival-forecasts")),
    refetchInterval: AGAIN,
  });
  return (
    <Card id="forecasts" title={word("alertRules.byThemselves")}>
      <p className="muted">{word("alertRules.surgesAndSilence")}</p>
      <Failure of={forecasts.error} />
      <DataTable
        label={word("alertRules.usual")}
        columns={columns()}
        rows={forecasts.data ?? []}
        idOf={({ subject, name }) => `${subject} ${name}`}
        empty={word(forecasts.isPending ? "loading" : "alertRules.nothingYet")}
      />
    </Card>
  );
}

function columns(): ColumnOf<Forecast>[] {
  return [
    {
      id: "of",
      label: wordNow("alertRules.of"),
      cell: ({ subject, name }) => `${named("arrivalsOf", subject)} ${name}`,
      by: ({ name }) => name,
    },
    {
      id: "usual",
      label: wordNow("alertRules.usual"),
      cell: ({ expected_per_hour, weeks, weeks_needed }) =>
        expected_per_hour === null
          ? wordNow("alertRules.tooFewWeeks", { weeks, needed: weeks_needed })
          : new Intl.NumberFormat(languageNow(), { maximumFractionDigits: 0 }).format(expected_per_hour),
      by: ({ expected_per_hour }) => expected_per_hour,
      number: true,
    },
  ];
}
