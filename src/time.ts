/**
 * Times. Inside, seconds since the epoch as doubles; outside, RFC 3339 in UTC with microseconds.
 *
 * A double of this century holds a quarter of a microsecond, so whatever compares times that were shown to someone
 * compares whole microseconds, rounded half to even.
 */

const SECOND = 1_000_000;
/** 0001-01-01 and the end of 9999, in seconds: what RFC 3339 can say. */
const FIRST = -62_135_596_800;
const LAST = 253_402_300_800;

let origin = performance.timeOrigin;

/** The present, in seconds since the epoch, to the microsecond. */
export function now(): number {
  // The monotonic clock is the finer one, but it sleeps when the machine does and is never set right: follow the wall clock.
  const elapsed = performance.now();
  const wall = Date.now();
  if (Math.abs(origin + elapsed - wall) > 2) origin = wall - elapsed;
  return Math.round((origin + elapsed) * 1000) / SECOND;
}

/** Whole microseconds since the epoch, rounded half to even. Exact: they stay below 2^53 until the year 2255. */
export function toMicros(seconds: number): number {
  const whole = Math.trunc(seconds);
  return whole * SECOND + roundHalfEven((seconds - whole) * SECOND);
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The smallest double that is shown as a later microsecond than this time is. */
export function firstAfter(seconds: number): number {
  const shown = toMicros(seconds);
  return smallest(seconds, (candidate) => toMicros(candidate) > shown);
}

/** The smallest double that is shown as this microsecond or a later one. */
export function firstAt(seconds: number): number {
  const shown = toMicros(seconds);
  return smallest(seconds, (candidate) => toMicros(candidate) >= shown);
}

/** Bisects for the smallest double near `seconds` for which `reached` holds. */
function smallest(seconds: number, reached: (candidate: number) => boolean): number {
  let below = seconds - 2 / SECOND;
  let above = seconds + 2 / SECOND;
  for (;;) {
    const middle = below + (above - below) / 2;
    if (middle <= below || middle >= above) return above;
    if (reached(middle)) above = middle;
    else below = middle;
  }
}

let lastSecond = Number.NaN;
let lastText = '';

/** RFC 3339, UTC, always six digits: `2026-11-22T00:26:19.644967Z`. Times outside the years 1 to 9999 are clamped to them. */
export function formatTime(seconds: number): string {
  const micros = toMicros(Math.min(Math.max(seconds, FIRST), LAST - 1 / SECOND));
  const second = Math.floor(micros / SECOND);
  // Rows that are shown together share their second as a rule, and Date is the slow part.
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = new Date(second * 1000).toISOString().slice(0, 20);
  }
  return `${lastText}${String(micros - second * SECOND).padStart(6, '0')}Z`;
}

const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/**
 * Seconds since the epoch of an RFC 3339 time with any offset and precision (digits beyond the microsecond are rounded),
 * or null if the text is none. A leap second counts as the second after it.
 */
export function parseTime(text: string): number | null {
  const match = RFC_3339.exec(text);
  if (!match) return null;
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHour = '0', offsetMinute = '0'] = match;
  const midnight = new Date(0);
  midnight.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const isDay = midnight.getUTCMonth() === Number(month) - 1 && midnight.getUTCDate() === Number(day);
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) <= 60;
  if (!isDay || !isTime || Number(offsetHour) > 23 || Number(offsetMinute) > 59) return null;
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === '-' ? -60 : 60);
  const whole = midnight.getTime() / 1000 + Number(hour) * 3600 + Number(minute) * 60 + Number(second) - offset;
  const seconds = (whole * SECOND + Math.round(Number(`0.${fraction || '0'}`) * SECOND)) / SECOND;
  return seconds >= FIRST && seconds < LAST ? seconds : null;
}
