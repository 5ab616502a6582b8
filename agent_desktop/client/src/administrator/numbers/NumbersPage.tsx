import { Pill } from "../../parts/Card";
import { api, got } from "../../server/rest";
import { named, word } from "../../words/words";
import { updatedColumn } from "../definitions/columns";
import { DefinitionPages } from "../definitions/DefinitionPages";
import type { Kind } from "../definitions/kind";
import { kindOf } from "./destination";
import { NumberEditor } from "./NumberEditor";
import { kept, type OurNumber } from "./our_number";

const at = (number: string) => ({ path: { number } });

const leadsTo = ({ leads_to }: OurNumber): string => {
  const name = leads_to.flow ?? leads_to.queue;
  return name ? `${named("destination", kindOf(leads_to))} ${name}` : "–";
};

const KIND: Kind<OurNumber> = {
  path: "numbers",
  title: "numbers.title",
  add: "numbers.add",
  empty: "numbers.none",
  columns: () => [
    { id: "number", label: word("number"), cell: ({ number }) => number, by: ({ number }) => number },
    {
      id: "to",
      label: word("numbers.leadsTo"),
      cell: (one) => (
        <>
          {leadsTo(one)}{" "}
          {!one.in_force && <Pill kind="bad">{word("numbers.outOfForce").split(/[:：]/)[0]}</Pill>}
        </>
      ),
      by: leadsTo,
    },
    {
      id: "rules",
      label: word("numbers.rules"),
      cell: ({ when }) => when.length,
      by: ({ when }) => when.length,
      number: true,
    },
    {
      id: "today",
      label: word("numbers.today"),
      cell: ({ today }) => (today ? word("numbers.answered", { ...today }) : word("numbers.counting")),
      by: ({ today }) => today?.arrived,
    },
    { id: "origin", label: word("queues.origin"), cell: ({ origin }) => named("origin", origin) },
    updatedColumn(),
  ],
  list: async () => (await got(api.GET("/api/v1/numbers"))).map(kept),
  nameOf: ({ number }) => number,
  Editor: NumberEditor,
  remove: ({ number, version }) =>
    got(api.DELETE("/api/v1/numbers/{number}", { params: { ...at(number), query: { version } } })),
  versions: (number, after) =>
    got(api.GET("/api/v1/numbers/{number}/versions", { params: { ...at(number), query: { after } } })),
  rollBack: async ({ number, version }, to) =>
    kept(
      await got(
        api.POST("/api/v1/numbers/{number}/roll-back", { params: at(number), body: { version, to } }),
      ),
    ),
};

export default function NumbersPage() {
  return <DefinitionPages kind={KIND} />;
}
