/** The types of tickets: form, states, targets, escalation and workflow of each. */

import { api, got, type Schemas } from "../../server/rest";
import { inLanguage, word } from "../../words/words";
import { inUseColumn, updatedColumn } from "../definitions/columns";
import { DefinitionPages } from "../definitions/DefinitionPages";
import type { Kind } from "../definitions/kind";
import { TypeEditor } from "./TypeEditor";

type TicketType = Schemas["TicketTypeView"];

const nameOf = ({ id, definition }: TicketType) => inLanguage({ ...definition.labels }) || id;

const KIND: Kind<TicketType> = {
  path: "ticket-types",
  title: "ticketTypes.title",
  add: "ticketTypes.add",
  empty: "ticketTypes.none",
  columns: () => [
    { id: "name", label: word("definition.name"), cell: nameOf, by: nameOf },
    { id: "id", label: word("id"), cell: ({ id }) => id, by: ({ id }) => id },
    {
      id: "prefix",
      label: word("ticketTypes.prefix"),
      cell: ({ definition }) => definition.prefix,
      by: ({ definition }) => definition.prefix,
    },
    {
      id: "states",
      label: word("ticketTypes.states"),
      cell: ({ definition }) => Object.keys(definition.flow.states).length,
      by: ({ definition }) => Object.keys(definition.flow.states).length,
      number: true,
    },
    inUseColumn(),
    updatedColumn(),
  ],
  list: () => got(api.GET("/api/v1/ticket-types")),
  nameOf,
  Editor: TypeEditor,
  remove: ({ id, version }) =>
    got(
      api.DELETE("/api/v1/ticket-types/{type_id}", {
        params: { path: { type_id: id }, query: { version } },
      }),
    ),
};

export default function TypesPage() {
  return <DefinitionPages kind={KIND} />;
}
