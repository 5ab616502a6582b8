import { api, got, type Schemas } from "../../server/rest";
import { named, word } from "../../words/words";
import { updatedColumn } from "../definitions/columns";
import { DefinitionPages } from "../definitions/DefinitionPages";
import type { Kind } from "../definitions/kind";
import { queueName } from "./choices";
import { QueueEditor } from "./QueueEditor";

const at = (id: string) => ({ path: { queue_id: id } });

const KIND: Kind<Schemas["QueueDefinitionView"]> = {
  path: "queues",
  title: "queues.title",
  add: "queues.add",
  empty: "queues.none",
  columns: () => [
    { id: "id", label: word("id"), cell: ({ id }) => id, by: ({ id }) => id },
    { id: "name", label: word("queues.name"), cell: queueName, by: queueName },
    {
      id: "policy",
      label: word("queues.policy"),
      cell: ({ settings }) => named("policy", settings.policy),
      by: ({ settings }) => settings.policy,
    },
    {
      id: "origin",
      label: word("queues.origin"),
      cell: ({ origin }) => named("origin", origin),
      by: ({ origin }) => origin,
    },
    updatedColumn(),
  ],
  list: () => got(api.GET("/api/v1/queue-definitions")),
  nameOf: queueName,
  Editor: QueueEditor,
  remove: ({ id, version }) =>
    got(api.DELETE("/api/v1/queue-definitions/{queue_id}", { params: { ...at(id), query: { version } } })),
  versions: (id, after) =>
    got(
      api.GET("/api/v1/queue-definitions/{queue_id}/versions", { params: { ...at(id), query: { after } } }),
    ),
  rollBack: ({ id, version }, to) =>
    got(
      api.POST("/api/v1/queue-definitions/{queue_id}/roll-back", {
        params: at(id),
        body: { version, to },
      }),
    ),
};

export default function QueuesPage() {
  return <DefinitionPages kind={KIND} />;
}
