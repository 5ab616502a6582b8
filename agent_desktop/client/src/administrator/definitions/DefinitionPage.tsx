/** One definition: edited, taken away, and what it was before. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { Button } from "../../parts/Button";
import { Card, Empty } from "../../parts/Card";
import { Dialog } from "../../parts/Dialog";
import { Failure } from "../../parts/Failure";
import { useDone } from "../../parts/useDone";
import { useWords } from "../../words/words";
import type { Kept, Kind } from "./kind";
import { listOf } from "./list";
import { Versions } from "./Versions";

export function DefinitionPage<T extends Kept>({ kind, isNew = false }: { kind: Kind<T>; isNew?: boolean }) {
  const { word } = useWords();
  const { id } = useParams();
  const { one, error, isPending } = useOne(kind, isNew ? undefined : id);
  if (isNew) return <New kind={kind} />;
  if (!one) return error ? <Failure of={error} /> : <Empty>{word(isPending ? "loading" : "notThere")}</Empty>;
  return <Opened key={one.id} kind={kind} now={one} />;
}

function useOne<T extends Kept>(kind: Kind<T>, id = "") {
  const { one } = kind;
  const alone = useQuery({
    queryKey: [kind.path, "one", id],
    queryFn: () => one!(id),
    enabled: Boolean(one && id),
  });
  const all = useQuery({ ...listOf(kind), enabled: Boolean(!one && id) });
  const { error, isPending } = one ? alone : all;
  return { one: one ? alone.data : all.data?.find((each) => each.id === id), error, isPending };
}

function Head<T extends Kept>({ kind, name }: { kind: Kind<T>; name: string }) {
  const { word } = useWords();
  return (
    <div className="page-head">
      <h1>{name}</h1>
      <span className="gap" />
      <Link to={`/administrator/${kind.path}`}>{word(kind.title)}</Link>
    </div>
  );
}

function New<T extends Kept>({ kind }: { kind: Kind<T> }) {
  const { word } = useWords();
  const navigate = useNavigate();
  const queries = useQueryClient();
  async function saved(one: T) {
    await queries.invalidateQueries({ queryKey: [kind.path] });
    await navigate(`/administrator/${kind.path}/of/${encodeURIComponent(one.id)}`, { replace: true });
  }
  return (
    <>
      <Head kind={kind} name={kind.add ? word(kind.add) : ""} />
      <Card title={word("definition")}>
        <kind.Editor of={null} onSaved={(one) => void saved(one)} />
      </Card>
    </>
  );
}

function Opened<T extends Kept>({ kind, now }: { kind: Kind<T>; now: T }) {
  const { word } = useWords();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [opened, setOpened] = useState(now); // what is typed is about this one, whatever is read meanwhile
  const [begun, setBegun] = useState(0); // how often the form began anew: what was typed is gone with that
  const [saved, setSaved] = useState(false);
  const form = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (begun) form.current?.focus(); // what had the focus is gone, too
  }, [begun]);
  const [deleting, setDeleting] = useState(false);
  const { busy, failure, attempt } = useDone();
  const keepsVersions = kind.versions && !kind.removedForGood;
  const readAgain = () => queries.invalidateQueries({ queryKey: [kind.path] });
  function beginWith(one: T, isSaved = false) {
    setOpened(one);
    setBegun((before) => before + 1);
    setSaved(isSaved);
  }
  async function become(one: T) {
    beginWith(one, true);
    await readAgain();
  }
  /** Beside the form: where somebody else has changed what is in the form, it says so when it is read. */
  async function follow(one: T) {
    if (kind.alike?.(opened, one)) setOpened(one);
    await readAgain();
  }
  async function remove() {
    const gone = await attempt(async () => kind.remove?.(opened));
    setDeleting(false);
    if (!gone) return;
    await navigate(`/administrator/${kind.path}`);
    await readAgain();
  }
  return (
    <>
      <Head kind={kind} name={kind.nameOf(opened)} />
      {now.version > opened.version && (
        <p className="alert" role="status">
          {word("changedMeanwhile")} <Button onPress={() => beginWith(now)}>{word("reload")}</Button>
        </p>
      )}
      <Card
        title={word("definition")}
        beside={
          kind.remove && (
            <Button id="remove" look="stop" isDisabled={busy} onPress={() => setDeleting(true)}>
              {word("definition.remove")}
            </Button>
          )
        }
      >
        <Failure of={failure} exact />
        <p role="status" id="saved" className="muted">
          {saved && word("savedVersion", { number: opened.version })}
        </p>
        <div ref={form} tabIndex={-1}>
          <kind.Editor key={begun} of={opened} onSaved={(one) => void become(one)} />
        </div>
      </Card>
      {kind.More && <kind.More of={opened} onChanged={(one) => void follow(one)} />}
      {kind.versions && <Versions kind={kind} of={opened} onRolledBack={(one) => void become(one)} />}
      <Dialog title={word("definition.remove")} isOpen={deleting} onClose={() => setDeleting(false)}>
        <p>{word(keepsVersions ? "removeReally" : "removeForGood", { name: kind.nameOf(opened) })}</p>
        <div className="buttons">
          <Button id="remove-really" look="stop" isDisabled={busy} onPress={() => void remove()}>
            {word("definition.remove")}
          </Button>
          <Button onPress={() => setDeleting(false)}>{word("cancel")}</Button>
        </div>
      </Dialog>
    </>
  );
}
