/**
 * The bits of a headset's reports (HID Usage Tables: Telephony page 0x0B, LED page 0x08), by what they mean,
 * and what a key that was pressed asks for. Pure.
 */

import type { HidCollection, HidItem, HidReport } from "./hid";

export const TELEPHONY = 0x0b;

const HOOK_SWITCH = 0x0b0020;
const PHONE_MUTE = 0x0b002f;
const LED_MUTE = 0x080009;
const LED_OFF_HOOK = 0x080017;
const LED_RING = 0x080018;

interface Bit {
  report: number;
  /** From the report's beginning, the least significant bit of a byte first. */
  place: number;
  /** Which value of an array says that it is on; null for a bit of its own. */
  value: number | null;
  size: number;
}

export interface Layout {
  hook: Bit | null;
  mute: Bit | null;
  ledOffHook: Bit | null;
  ledRing: Bit | null;
  ledMute: Bit | null;
  /** Bytes of each output report. */
  lengths: ReadonlyMap<number, number>;
}

export interface Keys {
  hook: boolean;
  mute: boolean;
}

export interface Lights {
  offHook: boolean;
  ring: boolean;
  mute: boolean;
}

type CallState = "none" | "ringing" | "talking";
export type Wanted = "answer" | "hang_up" | "mute" | null;

export function layoutOf(collections: readonly HidCollection[]): Layout {
  const all = collections.flatMap(withChildren);
  const inputs = all.flatMap(({ inputReports }) => inputReports ?? []);
  const outputs = all.flatMap(({ outputReports }) => outputReports ?? []);
  return {
    hook: bitOf(inputs, HOOK_SWITCH),
    mute: bitOf(inputs, PHONE_MUTE),
    ledOffHook: bitOf(outputs, LED_OFF_HOOK),
    ledRing: bitOf(outputs, LED_RING),
    ledMute: bitOf(outputs, LED_MUTE),
    lengths: new Map(outputs.map((report) => [report.reportId ?? 0, Math.ceil(bitsOf(report) / 8)])),
  };
}

function withChildren(collection: HidCollection): HidCollection[] {
  return [collection, ...(collection.children ?? []).flatMap(withChildren)];
}

function widthOf({ reportSize = 1, reportCount = 1 }: HidItem): number {
  return reportSize * reportCount;
}

function bitsOf({ items = [] }: HidReport): number {
  return items.reduce((bits, item) => bits + widthOf(item), 0);
}

function bitOf(reports: readonly HidReport[], usage: number): Bit | null {
  for (const { reportId = 0, items = [] } of reports) {
    let place = 0;
    for (const item of items) {
      const number = numberIn(item, usage);
      const { reportSize: size = 1, reportCount = 1 } = item;
      if (number !== null && item.isArray) return { report: reportId, place, value: number + 1, size };
      if (number !== null && number < reportCount)
        return { report: reportId, place: place + number * size, value: null, size };
      place += widthOf(item);
    }
  }
  return null;
}

/** Which of the item's fields has this usage. */
function numberIn(
  { isRange, usages = [], usageMinimum, usageMaximum }: HidItem,
  usage: number,
): number | null {
  if (isRange && usageMinimum !== undefined && usageMaximum !== undefined)
    return usage >= usageMinimum && usage <= usageMaximum ? usage - usageMinimum : null;
  const number = usages.indexOf(usage);
  return number < 0 ? null : number;
}

/** The keys after this report; what is not in it is as before. */
export function heard(layout: Layout, before: Keys, report: number, data: DataView): Keys {
  const read = (bit: Bit | null, was: boolean) => (bit?.report === report ? isOn(bit, data) : was);
  return { hook: read(layout.hook, before.hook), mute: read(layout.mute, before.mute) };
}

function isOn({ place, size, value }: Bit, data: DataView): boolean {
  let found = 0;
  for (let bit = 0; bit < size; bit += 1) {
    const byte = (place + bit) >> 3;
    if (byte < data.byteLength && data.getUint8(byte) & (1 << ((place + bit) & 7))) found |= 1 << bit;
  }
  return value === null ? found !== 0 : found === value;
}

/** What the agent wants with the key that has changed; a headset also repeats what the page has told it. */
export function wanted(before: Keys, now: Keys, call: CallState): Wanted {
  if (now.hook && !before.hook) return call === "ringing" ? "answer" : null;
  if (!now.hook && before.hook) return call === "talking" ? "hang_up" : null;
  if (now.mute && !before.mute) return call === "talking" ? "mute" : null;
  return null;
}

/** The output reports that make the lights so. */
export function lit(layout: Layout, lights: Lights): Map<number, Uint8Array<ArrayBuffer>> {
  const reports = new Map<number, Uint8Array<ArrayBuffer>>();
  const wants: [Bit | null, boolean][] = [
    [layout.ledOffHook, lights.offHook],
    [layout.ledRing, lights.ring],
    [layout.ledMute, lights.mute],
  ];
  for (const [bit, on] of wants) {
    if (!bit) continue;
    const bytes = reports.get(bit.report) ?? new Uint8Array(layout.lengths.get(bit.report) ?? 1);
    if (on) bytes[bit.place >> 3]! |= 1 << (bit.place & 7);
    reports.set(bit.report, bytes);
  }
  return reports;
}
