/** What is new about a surge of arrivals, and what its callers are told. */

import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { Link } from "react-router";
import { Empty, Facts, Pill } from "../parts/Card";
import { TableBox } from "../parts/TableBox";
import { moment } from "../parts/time";
import { api, got } from "../server/rest";
import { may, useSession } from "../session/session";
import { inLanguage, useWords } from "../words/words";
import { Broadcasts } from "./Broadcasts";
import type { Alert } from "./floor_state";
import { share } from "./format";
import { byDimension, type Surge, type SurgePart, USUAL_TEXTS } from "./surge";

interface SurgePanelProps {
  alert: Alert;
  surge: Surge;
  isOver: boolean;
}

export function SurgePanel({ alert, surge, isOver }: SurgePanelProps) {
  const { word } = useWords();
  const { subject, name, window_minutes, count, expected, weeks, parts } = surge;
  return (
    <div className="stack" id="surge">
      {isOver && <Pill role="status">{word("surge.over")}</Pill>}
      <Facts
        facts={[
          [word("surge.since"), moment(alert.raised_at)],
          [word("surge.came"), word("surge.inMinutes", { count, minutes: window_minutes })],
          [word("surge.usually"), word("surge.byWeeks", { count: expected, weeks })],
          [
            word("floor.queue"),
            subject === "queue" ? (
              <Link key={name} to={`/supervisor/queues/${encodeURIComponent(name)}`}>
                {name}
              </Link>
            ) : null,
          ],
        ]}
      />
      <Broadcasts of={surge} begin={USUAL_TEXTS} />
      {parts ? <Parts parts={parts} /> : <Empty>{word("surge.unknown")}</Empty>}
    </div>
  );
}

function Parts({ parts }: { parts: readonly SurgePart[] }) {
  const { word } = useWords();
  const { account } = useSession();
  const codes = useQuery({
    queryKey: ["every disposition code"],
    queryFn: () => got(api.GET("/api/v1/disposition-codes")),
    enabled: may(account, "forms.read") && parts.some(({ dimension }) => dimension === "reason"),
  });
  const reasons = new Map(codes.data?.map(({ id, labels }) => [id, inLanguage({ ...labels })]));
  const nameOf = ({ dimension, name, labels }: SurgePart) =>
    (dimension === "reason" && reasons.get(name)) || (labels ? inLanguage({ ...labels }) : name);
  if (!parts.length) return <Empty>{word("surge.nothing")}</Empty>;
  return (
    <>
      {byDimension(parts).map(([dimension, some]) => (
        <Dimension key={dimension} of={dimension} parts={some} nameOf={nameOf} />
      ))}
    </>
  );
}

interface DimensionProps {
  of: SurgePart["dimension"];
  parts: readonly SurgePart[];
  nameOf(part: SurgePart): string;
}

function Dimension({ of, parts, nameOf }: DimensionProps) {
  const { word, named } = useWords();
  const title = useId();
  return (
    <section data-dimension={of}>
      <h3 id={title}>{named("dimension", of)}</h3>
      <TableBox label={named("dimension", of)}>
        <table className="table" aria-labelledby={title}>
          <thead>
            <tr>
              <th scope="col">{word("surge.what")}</th>
              <th scope="col" className="number">
                {word("surge.contacts")}
              </th>
              <th scope="col" className="number">
                {word("surge.share")}
              </th>
              <th scope="col" className="number">
                {word("surge.shareBefore")}
              </th>
            </tr>
          </thead>
          <tbody>
            {parts.map((part) => (
              <tr key={part.name}>
                <th scope="row">{nameOf(part)}</th>
                <td className="number">{part.count}</td>
                <td className="number">{share(part.share)}</td>
                <td className="number">{share(part.share_before)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
    </section>
  );
}
