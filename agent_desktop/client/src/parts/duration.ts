/** Durations as people write them, and as the server does (ISO 8601). Pure. */

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

const ISO = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const CLOCK = /^(?:(\d+):)?(\d+):([0-5]\d)$/;

/** "45", "1:30", "2:00:00", "3d". */
export function writtenDuration(iso: string): string {
  const seconds = secondsOfIso(iso);
  if (seconds === null) return iso;
  if (seconds && seconds % DAY === 0) return `${seconds / DAY}d`;
  if (seconds < MINUTE || !Number.isInteger(seconds)) return String(seconds);
  const two = (number: number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / HOUR), Math.floor(seconds / MINUTE) % MINUTE];
  return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % MINUTE)}`;
}

/** In the server's form; null for what is no duration. */
export function readDuration(text: string): string | null {
  const typed = text.trim().toLowerCase();
  if (/^\d+(\.\d+)?$/.test(typed)) return iso(Number(typed));
  const days = /^(\d+)\s*(?:d|天)$/.exec(typed);
  if (days) return iso(Number(days[1]) * DAY);
  const clock = CLOCK.exec(typed);
  if (!clock) return null;
  const [, hours = "0", minutes, seconds] = clock;
  if (clock[1] && Number(minutes) >= MINUTE) return null;
  return iso(Number(hours) * HOUR + Number(minutes) * MINUTE + Number(seconds));
}

function secondsOfIso(text: string): number | null {
  const found = ISO.exec(text);
  if (!found) return null;
  const [, days = "0", hours = "0", minutes = "0", seconds = "0"] = found;
  return Number(days) * DAY + Number(hours) * HOUR + Number(minutes) * MINUTE + Number(seconds);
}

/** As the server writes it, so that what is the same looks the same. */
function iso(seconds: number): string {
  const days = Math.floor(seconds / DAY);
  const hours = Math.floor(seconds / HOUR) % 24;
  const minutes = Math.floor(seconds / MINUTE) % MINUTE;
  const rest = Number((seconds % MINUTE).toFixed(6));
  const time = `${hours ? `${hours}H` : ""}${minutes ? `${minutes}M` : ""}${rest ? `${rest}S` : ""}`;
  if (!days && !time) return "PT0S";
  return `P${days ? `${days}D` : ""}${time ? `T${time}` : ""}`;
}
