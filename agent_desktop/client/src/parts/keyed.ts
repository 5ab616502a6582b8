/** Things that are the same one on a page, whatever becomes of what they say. */

export interface Keyed {
  key: number;
}

let last = 0;

export function newKey(): number {
  last += 1;
  return last;
}
