/** The flow as the server draws it, with what callers did at each node in a span of days. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ZoomIn, ZoomOut } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "../../parts/Button";
import { Card, Empty } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { useBlobUrl } from "../../parts/useBlobUrl";
import { api, got } from "../../server/rest";
import { useWords } from "../../words/words";
import type { Flow } from "./figures";
import { NodeFigures } from "./NodeFigures";

const STEP = 1.25;
const [LEAST, MOST] = [0.25, 4];

/** Days of the centre; without them today. */
export interface Span {
  since?: string;
  until?: string;
}

export function FlowPicture({ flow }: { flow: Flow }) {
  const { word } = useWords();
  const [span, setSpan] = useState<Span>({});
  const [zoom, setZoom] = useState(1);
  const picture = useQuery({
    queryKey: ["flow-picture", flow.name, flow.version, span],
    queryFn: () =>
      got(
        api.GET("/api/v1/flows/{flow}/picture", {
          params: { path: { flow: flow.name }, query: { format: "svg", version: flow.version, ...span } },
          parseAs: "blob",
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: 60_000, // ms: drawing takes seconds
  });
  const url = useBlobUrl(picture.data);
  function show(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const typed = new FormData(event.currentTarget);
    const day = (name: "since" | "until") => String(typed.get(name) ?? "") || undefined;
    const [since, until] = [day("since"), day("until")];
    setSpan({ ...(since && { since }), ...(until && { until }) });
  }
  const bigger = (by: number) => setZoom(Math.min(MOST, Math.max(LEAST, zoom * by)));
  return (
    <>
      <form className="row" onSubmit={show}>
        <label className="field">
          <span>{word("flows.since")}</span>
          <input name="since" type="date" />
        </label>
        <label className="field">
          <span>{word("flows.until")}</span>
          <input name="until" type="date" />
        </label>
        <Button type="submit">{word("flows.show")}</Button>
      </form>
      <Card
        title={word("flows.picture")}
        beside={
          <div className="buttons">
            <Button aria-label={word("flows.smaller")} onPress={() => bigger(1 / STEP)}>
              <ZoomOut />
            </Button>
            <Button aria-label={word("flows.bigger")} onPress={() => bigger(STEP)}>
              <ZoomIn />
            </Button>
          </div>
        }
      >
        <Failure of={picture.error} exact />
        {picture.isPending && <Empty>{word("flows.drawing")}</Empty>}
        {url && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex lint/a11y/useSemanticElements: what scrolls is reached by keys
          <div className="flow-picture" role="group" aria-label={word("flows.picture")} tabIndex={0}>
            <img
              id="flow-picture"
              src={url}
              alt={word("flows.pictureOf", { name: flow.name })}
              style={{ width: `${100 * zoom}%` }}
            />
          </div>
        )}
      </Card>
      <NodeFigures flow={flow} span={span} />
    </>
  );
}
