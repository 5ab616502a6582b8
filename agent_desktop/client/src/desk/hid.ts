/** As much of WebHID as a headset needs; the DOM's own types do not have it. */

export interface HidItem {
  isArray?: boolean;
  isRange?: boolean;
  usages?: readonly number[];
  usageMinimum?: number;
  usageMaximum?: number;
  reportSize?: number;
  reportCount?: number;
}

export interface HidReport {
  reportId?: number;
  items?: readonly HidItem[];
}

export interface HidCollection {
  usagePage?: number;
  usage?: number;
  children?: readonly HidCollection[];
  inputReports?: readonly HidReport[];
  outputReports?: readonly HidReport[];
}

export interface HidInput extends Event {
  readonly reportId: number;
  readonly data: DataView;
}

export interface HidDevice extends EventTarget {
  readonly opened: boolean;
  readonly productName: string;
  readonly collections: readonly HidCollection[];
  open(): Promise<void>;
  close(): Promise<void>;
  sendReport(reportId: number, data: Uint8Array<ArrayBuffer>): Promise<void>;
}

interface Hid extends EventTarget {
  getDevices(): Promise<HidDevice[]>;
  requestDevice(wanted: { filters: readonly { usagePage: number }[] }): Promise<HidDevice[]>;
}

export const hid = (globalThis.navigator as (Navigator & { hid?: Hid }) | undefined)?.hid ?? null;
