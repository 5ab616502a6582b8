import { api, got } from "../../server/rest";
import { inLanguage, word } from "../../words/words";
import { updatedColumn } from "../definitions/columns";
import { DefinitionPages } from "../definitions/DefinitionPages";
import type { Kind } from "../definitions/kind";
import { CalendarEditor } from "./CalendarEditor";
import { asCalendar, type Calendar } from "./calendar";

const at = (id: string) => ({ path: { calendar_id: id } });

const KIND: Kind<Calendar> = {
  path: "calendars",
  title: "calendars.title",
  add: "calendars.add",
  empty: "calendars.none",
  columns: () => [
    { id: "id", label: word("id"), cell: ({ id }) => id, by: ({ id }) => id },
    {
      id: "name",
      label: word("definition.name"),
      cell: ({ hours }) => inLanguage(hours.labels),
      by: ({ hours }) => inLanguage(hours.labels),
    },
    {
      id: "zone",
      label: word("calendars.zone"),
      cell: ({ hours }) => hours.time_zone,
      by: ({ hours }) => hours.time_zone,
    },
    updatedColumn(),
  ],
  list: async () => (await got(api.GET("/api/v1/working-calendars"))).map(asCalendar),
  nameOf: ({ id, hours }) => inLanguage(hours.labels) || id,
  Editor: CalendarEditor,
  remove: ({ id, version }) =>
    got(api.DELETE("/api/v1/working-calendars/{calendar_id}", { params: { ...at(id), query: { version } } })),
  removedForGood: true,
  versions: (id, after) =>
    got(
      api.GET("/api/v1/working-calendars/{calendar_id}/versions", {
        params: { ...at(id), query: { after } },
      }),
    ),
  rollBack: async ({ id, version }, to) =>
    asCalendar(
      await got(
        api.POST("/api/v1/working-calendars/{calendar_id}/roll-back", {
          params: at(id),
          body: { version, to },
        }),
      ),
    ),
};

export default function CalendarsPage() {
  return <DefinitionPages kind={KIND} />;
}
