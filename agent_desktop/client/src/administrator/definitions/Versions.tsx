/** What a definition was, the newest first, what changed in each version, and the way back to it. */

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../parts/Button";
import { Card, Empty } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { Sure } from "../../parts/Sure";
import { moment } from "../../parts/time";
import { useDone } from "../../parts/useDone";
import { Refusal, type Schemas } from "../../server/rest";
import { useWords } from "../../words/words";
import { differences, shown } from "./differences";
import type { Kept, Kind } from "./kind";

type Version = Schemas["DefinitionVersionView"];

interface VersionsProps<T extends Kept> {
  kind: Kind<T>;
  of: T;
  onRolledBack(one: T): void;
}

export function Versions<T extends Kept>({ kind, of, onRolledBack }: VersionsProps<T>) {
  const { word } = useWords();
  const queries = useQueryClient();
  const key = [kind.path, "versions", of.id, of.version];
  const pages = useInfiniteQuery({
    queryKey: key,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => kind.versions!(of.id, pageParam),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const isNone = pages.error instanceof Refusal && pages.error.problem === "UnknownRecord";
  const { busy, failure, attempt, forget } = useDone();
  const [asked, setAsked] = useState<number | null>(null);
  const versions = pages.data?.pages.flatMap((page) => page.items) ?? [];
  function ask(to: number) {
    forget();
    setAsked(to);
  }
  async function goBack(to: number) {
    const done = await attempt(async () => {
      const one = await kind.rollBack!(of, to);
      await queries.invalidateQueries({ queryKey: key });
      onRolledBack(one);
    });
    if (done) setAsked(null);
  }
  return (
    <Card id="versions" title={word("versions")}>
      {kind.versionsOf && <p className="muted">{word(kind.versionsOf)}</p>}
      <Failure of={isNone ? null : pages.error} />
      {isNone && <Empty>{word("noVersions")}</Empty>}
      {pages.isPending && <Empty>{word("loading")}</Empty>}
      <ol className="listed" reversed>
        {versions.map((version, place) => (
          <li key={version.number}>
            <OneVersion version={version} before={versions[place + 1] ?? null} />
            {kind.rollBack && place > 0 && version.content && (
              <Button isDisabled={busy} onPress={() => ask(version.number)}>
                {word("rollBackTo", { number: version.number })}
              </Button>
            )}
          </li>
        ))}
      </ol>
      {asked !== null && (
        <Sure
          title={word("rollBackTo", { number: asked })}
          busy={busy}
          failure={failure}
          onClose={() => setAsked(null)}
          onSure={() => void goBack(asked)}
        >
          {word("rollBackReally")}
        </Sure>
      )}
      {pages.hasNextPage && <Button onPress={() => void pages.fetchNextPage()}>{word("moreOfThem")}</Button>}
    </Card>
  );
}

function OneVersion({ version, before }: { version: Version; before: Version | null }) {
  const { word, named } = useWords();
  const { number, action, changed_by, changed_at } = version;
  const changes = before ? differences(before.content, version.content) : [];
  return (
    <div>
      <p>
        <strong>{word("versionNumber", { number })}</strong>{" "}
        <span className="muted">
          {named("definitionAction", action)} · {changed_by} · {moment(changed_at)}
        </span>
      </p>
      {changes.length > 0 && (
        <ul className="muted">
          {changes.map(({ field, from, to }) => (
            <li key={field}>
              <code>{field}</code>: {shown(from)} → {shown(to)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
