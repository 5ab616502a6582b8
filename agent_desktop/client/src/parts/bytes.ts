/** An amount of data in the largest unit of which there is one at least: "1.5 GB". */

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];
const STEP = 1000;

export function bytes(amount: number): string {
  let unit = 0;
  let left = amount;
  while (left >= STEP && unit < UNITS.length - 1) {
    left /= STEP;
    unit += 1;
  }
  return `${left < 10 && unit ? left.toFixed(1) : Math.round(left)} ${UNITS[unit]}`;
}
