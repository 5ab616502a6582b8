/** A waveform's columns from the server's peaks (audiowaveform's format, version 2). Pure. */

import type { Schemas } from "../server/rest";

export type Peaks = Pick<Schemas["PeaksView"], "channels" | "bits" | "length" | "data">;

/** The lowest and the highest sample of each column, -1 to 1, of one channel. */
export function columnsOf(peaks: Peaks, channel: number, columns: number): [number, number][] {
  const full = 2 ** (peaks.bits - 1);
  const drawn: [number, number][] = [];
  for (let column = 0; column < columns; column += 1) {
    const from = Math.floor((column * peaks.length) / columns);
    const until = Math.max(from + 1, Math.floor(((column + 1) * peaks.length) / columns));
    let [low, high] = [0, 0];
    for (let pixel = from; pixel < until && pixel < peaks.length; pixel += 1) {
      const at = 2 * (pixel * peaks.channels + channel);
      low = Math.min(low, peaks.data[at] ?? 0);
      high = Math.max(high, peaks.data[at + 1] ?? 0);
    }
    drawn.push([low / full, high / full]);
  }
  return drawn;
}
