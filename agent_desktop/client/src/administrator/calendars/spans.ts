/** The hours of one day, as people write them: "09:00–12:00, 13:30–18:00". Pure. */

export type Span = [string, string];

const SPAN = /^(\d{1,2})[:：](\d{2})\s*(?:-|–|—|~|至|到)\s*(\d{1,2})[:：](\d{2})$/;
const END_OF_DAY = 24 * 60;

export function writtenSpans(spans: readonly Span[]): string {
  return spans.map(([opens, closes]) => `${opens}–${closes}`).join(", ");
}

/** Null for what are no hours, in order, with a gap between them. */
export function readSpans(text: string): Span[] | null {
  const parts = text.split(/[,，;；、]/).map((one) => one.trim());
  const spans: Span[] = [];
  let last = -1;
  for (const part of parts.filter(Boolean)) {
    const found = SPAN.exec(part);
    if (!found) return null;
    const [opens, closes] = [minutes(found[1], found[2]), minutes(found[3], found[4])];
    if (opens === null || closes === null || opens <= last || closes <= opens) return null;
    spans.push([clock(opens), clock(closes)]);
    last = closes;
  }
  return spans;
}

function minutes(hours: string | undefined, rest: string | undefined): number | null {
  const whole = Number(hours) * 60 + Number(rest);
  return Number(rest) < 60 && whole <= END_OF_DAY ? whole : null;
}

function clock(at: number): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${two(Math.floor(at / 60))}:${two(at % 60)}`;
}
