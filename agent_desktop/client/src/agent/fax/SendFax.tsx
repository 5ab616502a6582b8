/** A fax that the agent sends to the customer at hand: looked at first, then followed page by page. */

import { useQuery } from "@tanstack/react-query";
import { Send } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "../../parts/Button";
import { Pill } from "../../parts/Card";
import { Failure } from "../../parts/Failure";
import { Checkbox, Select, TextField } from "../../parts/Fields";
import { useBlobUrl } from "../../parts/useBlobUrl";
import { useDone } from "../../parts/useDone";
import { api, got, type Schemas } from "../../server/rest";
import type { ScreenPop } from "../../server/told";
import { useWords } from "../../words/words";

type Wanted = Schemas["FaxToSend"];
type Seen = Schemas["FaxPageSeen"];

const COVER_ALONE = "cover";
const FOLLOWED = 1000; // ms between two looks at one that is on its way

export function SendFax({ pop, customer }: { pop: ScreenPop; customer: string }) {
  const { word, language } = useWords();
  const [document, setDocument] = useState(COVER_ALONE);
  const [written, setWritten] = useState<Wanted["language"]>(pop.language.startsWith("zh") ? "zh" : "en");
  const [covered, setCovered] = useState(true);
  const [text, setText] = useState("");
  const [number, setNumber] = useState("");
  const [seen, setSeen] = useState<Seen | null>(null);
  const [sent, setSent] = useState<string[]>([]);
  const { busy, failure, attempt, forget } = useDone();
  const documents = useQuery({
    queryKey: ["fax-documents"],
    queryFn: () => got(api.GET("/api/v1/fax-documents")),
  });
  const record = useQuery({
    queryKey: ["customer", customer, "fax"],
    queryFn: () =>
      got(api.GET("/api/v1/customers/{customer_id}", { params: { path: { customer_id: customer } } })),
  });
  const own = record.data?.numbers.find(({ use }) => use === "fax")?.number;
  const withCover = covered || document === COVER_ALONE;
  const wanted: Wanted = {
    document: document === COVER_ALONE ? null : document,
    cover: withCover ? { to: "", text } : null,
    language: written,
    number: number.trim() || null,
    customer_id: customer,
    contact_id: pop.contact_id,
    values: {},
  };
  /** What is changed is looked at anew. */
  function changed<T>(set: (to: T) => void) {
    return (to: T) => {
      set(to);
      setSeen(null);
      forget();
    };
  }
  const look = (page: number) =>
    attempt(async () =>
      setSeen(await got(api.POST("/api/v1/faxes/preview-page", { body: { ...wanted, page } }))),
    );
  function send(event: FormEvent) {
    event.preventDefault();
    void attempt(async () => {
      const { id } = await got(api.POST("/api/v1/faxes", { body: wanted }));
      setSent([id, ...sent]);
      setSeen(null);
      setText("");
    });
  }
  const titleOf = ({ titles }: Schemas["FaxDocumentView"]) =>
    titles[language] ?? Object.values(titles)[0] ?? "";
  return (
    <form id="send-fax" className="stack" onSubmit={send}>
      <Select
        id="fax-document"
        label={word("faxDocument")}
        options={[
          { id: COVER_ALONE, label: word("faxCoverAlone") },
          ...(documents.data ?? []).map((one) => ({ id: one.code, label: `${one.code} ${titleOf(one)}` })),
        ]}
        value={document}
        onChange={changed(setDocument)}
      />
      <Select
        label={word("faxLanguage")}
        options={[
          { id: "zh", label: "中文" },
          { id: "en", label: "English" },
        ]}
        value={written}
        onChange={changed((to: string) => setWritten(to === "zh" ? "zh" : "en"))}
      />
      <TextField
        name="number"
        label={word("faxNumber")}
        placeholder={own}
        hint={own ? word("faxOwnNumber", { number: own }) : undefined}
        isRequired={record.isSuccess && !own}
        value={number}
        onChange={changed(setNumber)}
        maxLength={40}
      />
      {document !== COVER_ALONE && (
        <Checkbox isSelected={covered} onChange={changed(setCovered)}>
          {word("faxWithCover")}
        </Checkbox>
      )}
      {withCover && (
        <TextField
          name="text"
          label={word("faxCoverText", { name: record.data?.name ?? "" })}
          lines={4}
          value={text}
          onChange={changed(setText)}
          maxLength={4000}
        />
      )}
      <Failure of={documents.error ?? record.error ?? failure} />
      <div className="row">
        <Button isDisabled={busy} onPress={() => void look(1)}>
          {word("faxPreview")}
        </Button>
        <Button type="submit" look="primary" isDisabled={busy}>
          <Send />
          {word("faxSend")}
        </Button>
      </div>
      {seen && <Preview seen={seen} onPage={(page) => void look(page)} />}
      {sent.map((id) => (
        <Status key={id} job={id} />
      ))}
    </form>
  );
}

function Preview({ seen, onPage }: { seen: Seen; onPage(page: number): void }) {
  const { word } = useWords();
  const [picture, setPicture] = useState(() => blobOf(seen.png));
  const [shown, setShown] = useState(seen);
  if (shown !== seen) {
    setShown(seen);
    setPicture(blobOf(seen.png));
  }
  const url = useBlobUrl(picture);
  const place = word("faxPage", { page: seen.page, count: seen.pages });
  return (
    <div id="fax-preview">
      <div className="row">
        <Button look="quiet" isDisabled={seen.page <= 1} onPress={() => onPage(seen.page - 1)}>
          {word("faxBefore")}
        </Button>
        <span className="numbers" role="status">
          {place}
        </span>
        <Button look="quiet" isDisabled={seen.page >= seen.pages} onPress={() => onPage(seen.page + 1)}>
          {word("faxAfter")}
        </Button>
      </div>
      {url && <img className="fax-page" src={url} alt={place} />}
    </div>
  );
}

function blobOf(png: string): Blob {
  return new Blob([Uint8Array.from(atob(png), (sign) => sign.charCodeAt(0))], { type: "image/png" });
}

/** How far one has got, until it is over. */
function Status({ job }: { job: string }) {
  const { word, named } = useWords();
  const sent = useQuery({
    queryKey: ["sent-fax", job],
    queryFn: () => got(api.GET("/api/v1/faxes/{job_id}", { params: { path: { job_id: job } } })),
    refetchInterval: ({ state }) => (state.data?.ended_at ? false : FOLLOWED),
  });
  const fax = sent.data;
  if (!fax) return <Failure of={sent.error} />;
  const kind = fax.state === "sent" ? "good" : fax.state === "dead" ? "bad" : "warn";
  return (
    <div className="row sent-fax" role="status">
      <Pill kind={kind}>{named("faxState", fax.held ? "held" : fax.state)}</Pill>
      <span>{`${fax.title} ${fax.number}`}</span>
      <span className="numbers">
        {fax.document_pages
          ? word("faxPage", { page: fax.pages, count: fax.document_pages })
          : word("faxConfirmed", { count: fax.pages })}
      </span>
      {fax.state !== "sent" && fax.failure && <span className="muted">{fax.failure}</span>}
    </div>
  );
}
