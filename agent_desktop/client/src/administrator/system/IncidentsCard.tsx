/** What the server came upon that was as it must not be; those that are open first of all. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../parts/Button";
import { Card, Empty, Pill } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { ToggleButton } from "../../parts/ToggleButton";
import { moment } from "../../parts/time";
import { api, got, type Schemas } from "../../server/rest";
import { useWords } from "../../words/words";

const EVERY = 15_000; // ms

export function IncidentsCard() {
  const { word } = useWords();
  const [all, setAll] = useState(false);
  const found = useInfiniteQuery({
    queryKey: ["incidents", all],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      got(
        api.GET("/api/v1/incidents", {
          params: { query: { limit: 20, after: pageParam, ...(all ? {} : { open: "true" }) } },
        }),
      ),
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: EVERY,
  });
  const incidents = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card
      id="incidents"
      title={word("system.incidents")}
      beside={
        <ToggleButton isSelected={all} onChange={setAll}>
          {word("system.healedToo")}
        </ToggleButton>
      }
    >
      <Failure of={found.error} />
      {found.isPending && <Empty>{word("loading")}</Empty>}
      {found.isSuccess && !incidents.length && (
        <Empty>{word(all ? "system.noIncidents" : "system.noOpenIncidents")}</Empty>
      )}
      <ul className="health">
        {incidents.map((one) => (
          <Incident key={one.id} of={one} />
        ))}
      </ul>
      {found.hasNextPage && (
        <Button onPress={() => void found.fetchNextPage()} isDisabled={found.isFetchingNextPage}>
          {word("moreOfThem")}
        </Button>
      )}
    </Card>
  );
}

function Incident({ of }: { of: Schemas["IncidentView"] }) {
  const { word, named } = useWords();
  const times = of.healed_at
    ? word("system.healedAt", { since: moment(of.found_at), until: moment(of.healed_at) })
    : word("system.openSince", { since: moment(of.found_at) });
  const about = [of.agent_id, of.contact_id, of.leg_id].filter(Boolean);
  return (
    <li>
      <Pill kind={of.healed_at ? "plain" : "warn"}>
        {word(of.healed_at ? "system.healed" : "system.open")}
      </Pill>
      <div>
        <h3>
          {named("incident", of.kind)} <span className="muted">{of.subject}</span>
        </h3>
        <p className="muted">{times}</p>
        {of.detail && (
          <p className="muted" lang="en">
            {of.detail}
          </p>
        )}
        {about.length > 0 && <p className="muted">{word("system.about", { what: about.join(" · ") })}</p>}
      </div>
    </li>
  );
}
