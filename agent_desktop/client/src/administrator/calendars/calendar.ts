import type { Schemas } from "../../server/rest";

export type Calendar = Schemas["WorkingCalendarView"];

type Hours = Calendar["hours"];
type Pairs = Record<string, string[][]>;
type Told = Omit<Calendar, "hours"> & {
  hours: Omit<Hours, "week" | "overrides"> & {
    week: Pairs;
    overrides?: { date: string; hours: string[][] }[];
  };
};

/** As the client's types have it that reads the answer; the server's page says that these are pairs. */
export const asCalendar = (told: Told): Calendar => told as Calendar;
