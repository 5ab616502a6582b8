/** One flow: what callers do in it, its text, a trial, and what it was before. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { Link, useParams } from "react-router";
import { Button } from "../../parts/Button";
import { Empty } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { moment } from "../../parts/time";
import { api, got, type Schemas } from "../../server/rest";
import { useWords } from "../../words/words";
import { FlowPicture } from "./FlowPicture";
import { FlowText } from "./FlowText";
import { FlowTrial } from "./FlowTrial";
import { FlowVersions } from "./FlowVersions";
import type { Flow } from "./figures";

export type Written = Pick<Schemas["FlowText"], "main" | "texts">;

/** What is typed is there until it is published, also when another page was looked at meanwhile. */
interface Typed {
  version: number;
  draft: Written;
}
const DRAFT = "flow-draft";

export function FlowPage() {
  const { word } = useWords();
  const { name = "" } = useParams();
  const path = { flow: name };
  const flow = useQuery({
    queryKey: ["flows", name],
    queryFn: () => got(api.GET("/api/v1/flows/{flow}", { params: { path } })),
  });
  const opened = useQuery({
    queryKey: ["flow-text", name, flow.data?.version],
    enabled: flow.isSuccess,
    queryFn: () =>
      got(
        api.GET("/api/v1/flows/{flow}/versions/{number}", {
          params: { path: { ...path, number: String(flow.data?.version) } },
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY, // a version never changes
    placeholderData: (before, query) => (query?.queryKey[1] === name ? before : undefined),
  });
  const failure = flow.error ?? opened.error;
  if (!flow.data || !opened.data)
    return failure ? <Failure of={failure} /> : <Empty>{word("loading")}</Empty>;
  return (
    <>
      <Failure of={failure} />
      <Opened key={name} now={flow.data} published={opened.data} isBefore={opened.isPlaceholderData} />
    </>
  );
}

interface OpenedProps {
  now: Flow;
  published: Schemas["FlowText"];
  /** The text is still the one of the version before. */
  isBefore: boolean;
}

function Opened({ now, published, isBefore }: OpenedProps) {
  const { word } = useWords();
  const queries = useQueryClient();
  const kept = queries.getQueryData<Typed>([DRAFT, now.name]);
  const [version, setVersion] = useState(kept?.version ?? now.version); // what is typed is about this one
  const [draft, setDraft] = useState<Written>(kept?.draft ?? published);
  const [tab, setTab] = useState("picture");
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set()); // what was done there stays there
  const isStale = now.version > version;
  function write(written: Written) {
    setDraft(written);
    queries.setQueryDefaults([DRAFT], { gcTime: Number.POSITIVE_INFINITY });
    queries.setQueryData<Typed>([DRAFT, now.name], { version, draft: written });
  }
  function become(flow: Flow, written: Written) {
    setVersion(flow.version);
    setDraft(written);
    queries.removeQueries({ queryKey: [DRAFT, flow.name] });
    queries.setQueryData(["flows", flow.name], flow);
    void queries.invalidateQueries({ queryKey: ["flows"] });
  }
  async function rolledBack(flow: Flow) {
    const path = { flow: flow.name, number: String(flow.version) };
    const text = await got(api.GET("/api/v1/flows/{flow}/versions/{number}", { params: { path } }));
    become(flow, text);
  }
  function open(name: string) {
    setTab(name);
    setSeen((before) => new Set([...before, name]));
  }
  return (
    <>
      <div className="page-head">
        <h1>{now.name}</h1>
        <span className="muted" id="flow-version" role="status">
          {word("versionNumber", { number: now.version })} · {moment(now.updated_at)}
        </span>
        <span className="gap" />
        <Link to="/administrator/flows">{word("flows.title")}</Link>
      </div>
      <p className="muted">
        {now.sources.length
          ? word("flows.ledBy", { sources: now.sources.join(", ") })
          : word(now.in_force ? "flows.madeHere" : "flows.nothingLeadsThere")}{" "}
        {now.sources.length > 0 && word(now.origin === "file" ? "flows.fromFile" : "flows.edited")}
      </p>
      {isStale && (
        <p className="alert" role="status">
          {word("changedMeanwhile")}{" "}
          <Button id="reload-flow" isDisabled={isBefore} onPress={() => become(now, published)}>
            {word("reload")}
          </Button>
        </p>
      )}
      <Tabs className="tabs" selectedKey={tab} onSelectionChange={(key) => open(String(key))}>
        <TabList className="tab-list" aria-label={now.name}>
          {(["picture", "text", "trial", "versions"] as const).map((each) => (
            <Tab key={each} id={each} className="tab" data-tab={each}>
              {word(`flows.${each}`)}
            </Tab>
          ))}
        </TabList>
        <TabPanel id="picture" className="stack">
          <FlowPicture flow={now} />
        </TabPanel>
        <TabPanel id="text" className="stack" shouldForceMount={seen.has("text")}>
          <FlowText
            flow={now}
            version={version}
            draft={draft}
            published={published}
            onChange={write}
            onPublished={(flow) => become(flow, draft)}
          />
        </TabPanel>
        <TabPanel id="trial" className="stack" shouldForceMount={seen.has("trial")}>
          <FlowTrial
            flow={now}
            draft={draft === published || same(draft, published) ? null : draft}
            isShown={tab === "trial"}
          />
        </TabPanel>
        <TabPanel id="versions" className="stack">
          <FlowVersions
            flow={now}
            onRolledBack={rolledBack}
            onTaken={(written) => {
              write(written);
              open("text");
            }}
          />
        </TabPanel>
      </Tabs>
    </>
  );
}

export function same(one: Written, other: Written): boolean {
  const [these, those] = [Object.entries(one.texts), other.texts];
  return (
    one.main === other.main &&
    these.length === Object.keys(those).length &&
    these.every(([name, text]) => those[name] === text)
  );
}
