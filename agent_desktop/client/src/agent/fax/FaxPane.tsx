/** A fax that has come: its pages one by one, whose they are, and the whole as a PDF. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, Download } from "lucide-react";
import { useState } from "react";
import { Button } from "../../parts/Button";
import { Card, Facts, Pill } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { moment } from "../../parts/time";
import { useBlobUrl } from "../../parts/useBlobUrl";
import { useDone } from "../../parts/useDone";
import { api, got } from "../../server/rest";
import { useWords } from "../../words/words";

export function FaxPane({ contact }: { contact: string }) {
  const { word } = useWords();
  const params = { path: { contact_id: contact } };
  const fax = useQuery({
    queryKey: ["fax", contact],
    queryFn: () => got(api.GET("/api/v1/contacts/{contact_id}/fax", { params })),
    staleTime: Number.POSITIVE_INFINITY, // what has come stays as it is
  });
  const { busy, failure, attempt } = useDone();
  const save = () =>
    attempt(async () => {
      const pdf = await got(api.GET("/api/v1/contacts/{contact_id}/fax.pdf", { params, parseAs: "blob" }));
      keep(pdf, `fax-${contact}.pdf`);
    });
  return (
    <Card
      title={word("channel.fax")}
      id="fax"
      beside={
        <Button
          look="quiet"
          isDisabled={busy || !fax.data}
          onPress={() => void save()}
          aria-label={word("faxAsPdf")}
        >
          <Download />
        </Button>
      }
    >
      <Failure of={fax.error} />
      <Failure of={failure} />
      {fax.data && (
        <>
          {!fax.data.whole && <Pill kind="warn">{`${word("faxNotWhole")} ${fax.data.reason}`}</Pill>}
          <Facts
            facts={[
              [word("faxFrom"), fax.data.ident],
              [word("faxAt"), moment(fax.data.received_at)],
            ]}
          />
          <Pages contact={contact} count={fax.data.pages} />
        </>
      )}
    </Card>
  );
}

function Pages({ contact, count }: { contact: string; count: number }) {
  const { word } = useWords();
  const [page, setPage] = useState(1);
  const shown = useQuery({
    queryKey: ["fax", contact, page],
    queryFn: () =>
      got(
        api.GET("/api/v1/contacts/{contact_id}/fax/{page}.png", {
          params: { path: { contact_id: contact, page: String(page) } },
          parseAs: "blob",
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const url = useBlobUrl(shown.data);
  const place = word("faxPage", { page, count });
  return (
    <>
      <div className="row">
        <Button
          look="quiet"
          aria-label={word("faxBefore")}
          isDisabled={page <= 1}
          onPress={() => setPage(page - 1)}
        >
          <ChevronLeft />
        </Button>
        <span className="numbers" role="status">
          {place}
        </span>
        <Button
          look="quiet"
          aria-label={word("faxAfter")}
          isDisabled={page >= count}
          onPress={() => setPage(page + 1)}
        >
          <ChevronRight />
        </Button>
      </div>
      <Failure of={shown.error} />
      {url && <img className="fax-page" src={url} alt={place} />}
    </>
  );
}

/** Has the browser keep it as a file. */
function keep(content: Blob, name: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
