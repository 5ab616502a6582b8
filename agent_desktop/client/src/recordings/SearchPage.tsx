/** What is looked for stays in the page, not in its address: a customer's number is in no history of a browser. */

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { useColleagues } from "../desk/colleagues";
import { Button } from "../parts/Button";
import { Card } from "../parts/Card";
import { type ColumnOf, DataTable } from "../parts/DataTable";
import { length, moment } from "../parts/time";
import { api, got, type Schemas } from "../server/rest";
import { useWords, whyNot } from "../words/words";
import { keepSearch, keptSearch, searchOf, type Wanted } from "./search";

type Recording = Schemas["RecordingView"];

export function SearchPage() {
  const { word, named } = useWords();
  const navigate = useNavigate();
  const kept = useQueryClient();
  const [wanted, setWanted] = useState<Wanted>(keptSearch);
  const found = useInfiniteQuery({
    queryKey: ["recordings", wanted],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      got(
        api.GET("/api/v1/recording-search", {
          params: { query: { ...wanted, limit: 50, after: pageParam } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    void kept.invalidateQueries({ queryKey: ["recordings"] }); // what is looked for again may be another by now
    setWanted(keepSearch(searchOf(new FormData(event.currentTarget))));
  }
  const columns: ColumnOf<Recording>[] = [
    {
      id: "at",
      label: word("recordedAt"),
      cell: (row) => moment(row.started_at),
      by: (row) => row.started_at,
    },
    {
      id: "number",
      label: word("callersNumber"),
      cell: (row) => row.caller_number,
      by: (row) => row.caller_number,
    },
    { id: "agent", label: word("agent"), cell: (row) => row.agent_id, by: (row) => row.agent_id },
    {
      id: "queue",
      label: word("queue"),
      cell: (row) => named("queueName", row.queue),
      by: (row) => row.queue,
    },
    {
      id: "length",
      label: word("duration"),
      cell: (row) => row.duration !== null && length(row.duration),
      by: (row) => row.duration,
      number: true,
    },
    { id: "kind", label: word("recordingKind"), cell: (row) => named("recordingKind", row.kind) },
    { id: "state", label: word("channelState"), cell: (row) => named("recordingState", row.state) },
  ];
  const rows = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <h1>{word("recordings")}</h1>
      <SearchForm wanted={wanted} onSubmit={submit} />
      <Card title={word("recordings")}>
        {found.error && <p role="alert">{whyNot(found.error)}</p>}
        <DataTable
          label={word("recordings")}
          columns={columns}
          rows={rows}
          idOf={(row) => row.id}
          empty={word(found.isPending ? "searching" : "noRecordings")}
          onOpen={(row) => void navigate(`/recordings/${row.id}`)}
        />
        {found.hasNextPage && (
          <Button onPress={() => void found.fetchNextPage()} isDisabled={found.isFetchingNextPage}>
            {word("moreOfThem")}
          </Button>
        )}
      </Card>
    </>
  );
}

function SearchForm({
  wanted,
  onSubmit,
}: {
  wanted: Wanted;
  onSubmit(event: FormEvent<HTMLFormElement>): void;
}) {
  const { word } = useWords();
  const { queues, colleagues } = useColleagues();
  return (
    <form className="card row search" onSubmit={onSubmit}>
      <Typed name="number" label={word("callersNumber")} value={wanted.number} inputMode="tel" />
      <Chosen
        name="agent_id"
        label={word("agent")}
        value={wanted.agent_id}
        none={word("anybody")}
        options={colleagues}
      />
      <Chosen
        name="queue"
        label={word("queue")}
        value={wanted.queue}
        none={word("anyQueue")}
        options={queues}
      />
      <Typed name="since" label={word("from")} type="datetime-local" value={local(wanted.since)} />
      <Typed name="before" label={word("until")} type="datetime-local" value={local(wanted.before)} />
      <Typed name="shortest" label={word("shortest")} type="number" value={wanted.shortest} />
      <Typed name="longest" label={word("longest")} type="number" value={wanted.longest} />
      <Typed name="notes" label={word("words")} value={wanted.notes} />
      <Button type="submit" look="primary">
        {word("search")}
      </Button>
    </form>
  );
}

interface TypedProps {
  name: keyof Wanted;
  label: string;
  value: string | number | undefined;
  type?: string;
  inputMode?: "tel";
}

function Typed({ name, label, value, type = "text", inputMode }: TypedProps) {
  return (
    <label className="field">
      <span>{label}</span>
      <input
        name={name}
        type={type}
        inputMode={inputMode}
        autoComplete="off"
        min={0}
        defaultValue={value ?? ""}
      />
    </label>
  );
}

interface ChosenProps {
  name: keyof Wanted;
  label: string;
  value: string | undefined;
  none: string;
  options: readonly { id: string; name: string }[];
}

function Chosen({ name, label, value, none, options }: ChosenProps) {
  return (
    <label className="field">
      <span>{label}</span>
      <select name={name} defaultValue={value ?? ""} key={options.length}>
        <option value="">{none}</option>
        {options.map((option) => (
          <option key={option.id} value={option.id}>
            {option.name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** As an input of the kind "datetime-local" has it: in this browser's own time. */
function local(at: string | undefined): string {
  if (!at) return "";
  const moment = new Date(at);
  return new Date(moment.getTime() - 60_000 * moment.getTimezoneOffset()).toISOString().slice(0, 16);
}
