/** The types of tickets: form, states, targets, escalation and workflow of each. */

import { moment } from "../../parts/time";
import { api, got, type Schemas } from "../../server/rest";
import { inLanguage, word } from "../../words/words";
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
    {
      id: "active",
      label: word("inUse"),
      cell: ({ active }) => word(active ? "inUse" : "notInUse"),
      by: ({ active }) => Number(active),
    },
    {
      id: "updated",
      label: word("updatedAt"),
      cell: ({ updated_at }) => moment(updated_at),
      by: ({ updated_at }) => updated_at,
    },
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
