/** All that happened between the customer and us, the newest first, page by page. */

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { Button } from "../parts/Button";
import { LineForm } from "../parts/LineForm";
import { Listed } from "../parts/Listed";
import { moment } from "../parts/time";
import { api, got, type Schemas } from "../server/rest";
import { may, useSession } from "../session/session";
import { useWords } from "../words/words";
import { lineOf } from "./timeline_lines";

export function Timeline({ customer }: { customer: string }) {
  const { word } = useWords();
  const { account } = useSession();
  const pages = useInfiniteQuery({
    queryKey: ["timeline", customer],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: after }) =>
      got(
        api.GET("/api/v1/customers/{customer_id}/timeline", {
          params: { path: { customer_id: customer }, query: { limit: 20, after } },
        }),
      ),
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const entries = pages.data?.pages.flatMap(({ items }) => items);
  return (
    <div className="stack" id="timeline">
      {may(account, "timeline.note") && <CustomerNote customer={customer} />}
      <Listed of={{ ...pages, data: entries }} empty={word("noHistory")} idOf={(one) => one.kind + one.id}>
        {(one) => <Entry entry={one} />}
      </Listed>
      {pages.hasNextPage && (
        <Button isDisabled={pages.isFetchingNextPage} onPress={() => void pages.fetchNextPage()}>
          {word("earlier")}
        </Button>
      )}
    </div>
  );
}

function Entry({ entry }: { entry: Schemas["TimelineEntryView"] }) {
  const { word, named } = useWords();
  const { account } = useSession();
  const { about, parts } = lineOf(entry);
  const hears = may(account, "recordings.read");
  const recordings = entry.kind === "contact" ? ((entry.data.recordings as string[] | null) ?? []) : [];
  return (
    <div className="entry">
      <time className="muted numbers" dateTime={entry.at}>
        {moment(entry.at)}
      </time>
      <span>
        <span className="tag">{named("entry", entry.kind)}</span> {about}{" "}
        <span className="muted">
          {parts.map(([kind, name]) => (kind ? named(kind, name) : name)).join(" · ")}
          {recordings.length > 0 && !hears && ` · ${word("recorded")}`}
        </span>
        {hears &&
          recordings.map((id, place) => (
            <Link key={id} to={`/recordings/${id}`}>
              {` ${word("recorded")}${recordings.length > 1 ? ` ${place + 1}` : ""}`}
            </Link>
          ))}
      </span>
    </div>
  );
}

function CustomerNote({ customer }: { customer: string }) {
  const { word } = useWords();
  const queries = useQueryClient();
  async function keep(text: string) {
    const path = { customer_id: customer };
    await got(api.POST("/api/v1/customers/{customer_id}/notes", { params: { path }, body: { text } }));
    void queries.invalidateQueries({ queryKey: ["timeline", customer] });
  }
  return <LineForm label={word("noteOfCustomer")} keep={keep} />;
}
