import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { Button } from "../parts/Button";
import { Card } from "../parts/Card";
import { type ColumnOf, DataTable } from "../parts/DataTable";
import { moment } from "../parts/time";
import { api, got, type Schemas } from "../server/rest";
import { useWords, whyNot } from "../words/words";

type Row = Schemas["ReviewRow"];

/** The reviews that one may see: an agent's own, a reviewer's, everybody's. */
export function ReviewsPage() {
  const { word, named } = useWords();
  const navigate = useNavigate();
  const reviews = useInfiniteQuery({
    queryKey: ["reviews"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      got(api.GET("/api/v1/quality/reviews", { params: { query: { limit: 50, after: pageParam } } })),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const columns: ColumnOf<Row>[] = [
    { id: "due", label: word("due"), cell: (row) => moment(row.due_at), by: (row) => row.due_at },
    { id: "agent", label: word("agent"), cell: (row) => row.agent_id, by: (row) => row.agent_id },
    { id: "reviewer", label: word("reviewer"), cell: (row) => row.reviewer_id, by: (row) => row.reviewer_id },
    {
      id: "queue",
      label: word("queue"),
      cell: (row) => named("queueName", row.queue),
      by: (row) => row.queue,
    },
    {
      id: "state",
      label: word("channelState"),
      cell: (row) => named("reviewState", row.state),
      by: (row) => row.state,
    },
    { id: "score", label: word("score"), cell: (row) => row.score, by: (row) => row.score, number: true },
  ];
  return (
    <>
      <h1>{word("reviews")}</h1>
      <Card title={word("reviews")}>
        {reviews.error && <p role="alert">{whyNot(reviews.error)}</p>}
        <DataTable
          label={word("reviews")}
          columns={columns}
          rows={reviews.data?.pages.flatMap((page) => page.items) ?? []}
          idOf={(row) => row.id}
          empty={word(reviews.isPending ? "loading" : "noReviews")}
          onOpen={(row) => void navigate(`/recordings/reviews/${row.id}`)}
        />
        {reviews.hasNextPage && (
          <Button onPress={() => void reviews.fetchNextPage()}>{word("moreOfThem")}</Button>
        )}
      </Card>
    </>
  );
}
