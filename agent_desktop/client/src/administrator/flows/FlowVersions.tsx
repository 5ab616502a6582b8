/** Who published what when; what differs, and the way back. */

import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../parts/Button";
import { Card, Empty } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { Select } from "../../parts/Fields";
import { moment } from "../../parts/time";
import { useDone } from "../../parts/useDone";
import { api, got } from "../../server/rest";
import { useWords } from "../../words/words";
import type { Written } from "./FlowPage";
import type { Flow } from "./figures";
import { UnifiedDifference } from "./UnifiedDifference";

interface FlowVersionsProps {
  flow: Flow;
  onRolledBack(flow: Flow): Promise<void>;
  /** The text of a version is to be the draft. */
  onTaken(written: Written): void;
}

export function FlowVersions({ flow, onRolledBack, onTaken }: FlowVersionsProps) {
  const { word, named } = useWords();
  const queries = useQueryClient();
  const { busy, failure, attempt } = useDone();
  const [compared, setCompared] = useState<number | null>(null);
  const path = { flow: flow.name };
  const pages = useInfiniteQuery({
    queryKey: ["flow-versions", flow.name, flow.version],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      got(api.GET("/api/v1/flows/{flow}/versions", { params: { path, query: { after: pageParam } } })),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const versions = pages.data?.pages.flatMap((page) => page.items) ?? [];
  async function goBack(to: number) {
    await attempt(async () => {
      const body = { version: flow.version, to };
      await onRolledBack(await got(api.POST("/api/v1/flows/{flow}/roll-back", { params: { path }, body })));
    });
    await queries.invalidateQueries({ queryKey: ["flow-versions", flow.name] });
  }
  async function take(number: number) {
    await attempt(async () => {
      const asked = { params: { path: { ...path, number: String(number) } } };
      onTaken(await got(api.GET("/api/v1/flows/{flow}/versions/{number}", asked)));
    });
  }
  return (
    <Card id="flow-versions" title={word("versions")}>
      <Failure of={pages.error ?? failure} exact />
      {pages.isPending && <Empty>{word("loading")}</Empty>}
      <ol className="listed" reversed>
        {versions.map(({ number, action, changed_by, changed_at, note }) => (
          <li key={number}>
            <p>
              <strong>{word("versionNumber", { number })}</strong>{" "}
              <span className="muted">
                {named("definitionAction", action)} · {changed_by} · {moment(changed_at)}
              </span>
            </p>
            {note && <p className="note">{note}</p>}
            <div className="buttons">
              <Button
                onPress={() => setCompared(compared === number ? null : number)}
                aria-expanded={compared === number}
              >
                {word("flows.difference")}
              </Button>
              <Button isDisabled={busy} onPress={() => void take(number)}>
                {word("flows.take")}
              </Button>
              {number !== flow.version && (
                <Button isDisabled={busy} onPress={() => void goBack(number)}>
                  {word("rollBackTo", { number })}
                </Button>
              )}
            </div>
            {compared === number && (
              <Difference flow={flow.name} of={number} others={versions.map((each) => each.number)} />
            )}
          </li>
        ))}
      </ol>
      {pages.hasNextPage && <Button onPress={() => void pages.fetchNextPage()}>{word("moreOfThem")}</Button>}
    </Card>
  );
}

interface DifferenceProps {
  flow: string;
  of: number;
  others: readonly number[];
}

/** From another version, at first the one before. */
function Difference({ flow, of, others }: DifferenceProps) {
  const { word } = useWords();
  const [from, setFrom] = useState(
    others.find((each) => each < of) ?? others.find((each) => each !== of) ?? of,
  );
  const found = useQuery({
    queryKey: ["flow-difference", flow, from, of],
    queryFn: () =>
      got(
        api.GET("/api/v1/flows/{flow}/difference", {
          params: { path: { flow }, query: { of: from, to: of } },
        }),
      ),
  });
  return (
    <div className="stack">
      <Select
        label={word("flows.comparedWith")}
        value={String(from)}
        onChange={(value) => setFrom(Number(value))}
        options={others.map((number) => ({ id: String(number), label: word("versionNumber", { number }) }))}
      />
      <Failure of={found.error} exact />
      {found.isPending && <Empty>{word("loading")}</Empty>}
      {found.data && !found.data.difference && <Empty>{word("flows.sameText")}</Empty>}
      {found.data?.difference && <UnifiedDifference text={found.data.difference} />}
    </div>
  );
}
