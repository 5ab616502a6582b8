/** What clocks on walls show in a time zone. Pure. */

/** The moment of "2026-10-01T10:00" there; an hour that is skipped in spring is the one after it. */
export function momentIn(zone: string, wall: string): Date {
  const read = Date.parse(`${wall}Z`);
  const first = read - offset(zone, read);
  return new Date(read - offset(zone, first));
}

/** How far the clocks there are before UTC then, in ms. */
function offset(zone: string, at: number): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(at);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  const shown = `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}:${part("second")}Z`;
  return Date.parse(shown) - Math.floor(at / 1000) * 1000;
}
