/**
 * Times. Inside, seconds since the epoch as doubles; outside, RFC 3339 in UTC with microseconds.
 *
 * A double of this century holds a quarter of a microsecond, so whatever compares times that were shown to someone
 * compares whole microseconds, rounded half to even.
 */

const SECOND = 1_000_000;
const DAY = 86_400;
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

/** Whole microseconds since the epoch, rounded half to even as Python does. Exact: they stay below 2^53 until the year 2255. */
export function toMicros(seconds: number): number {
  const whole = Math.trunc(seconds);
  return whole * SECOND + roundHalfEven((seconds - whole) * SECOND);
}

/** The smallest double that is shown as a later microsecond than this time is; Infinity if no later one can be shown. */
export function firstAfter(seconds: number): number {
  const shown = split(seconds);
  return smallest(seconds, (candidate) => compare(split(candidate), shown) > 0);
}

/** The smallest double that is shown as this microsecond or a later one. */
export function firstAt(seconds: number): number {
  const shown = split(seconds);
  return smallest(seconds, (candidate) => compare(split(candidate), shown) >= 0);
}

let lastSecond = Number.NaN;
let lastText = '';

/**
 * RFC 3339, UTC, always six digits: `2026-11-22T00:26:19.644967Z`. Rounded half to even. Times outside the years 1 to 9999 are
 * clamped to them, NaN to the first.
 */
export function formatTime(seconds: number): string {
  const { second, micro } = split(seconds);
  // Rows that are shown together share their second as a rule.
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = `${formatSecond(second)}.`;
  }
  // The short end first: whatever is joined to a long text makes another object.
  const end = `${String(micro).padStart(6, '0')}Z`;
  return `${lastText}${end}`;
}

const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));

function formatSecond(second: number): string {
  const day = Math.floor(second / DAY);
  const minute = Math.floor((second - day * DAY) / 60);
  const hour = Math.floor(minute / 60);
  return `${formatDay(day)}T${TWO_DIGITS[hour]}:${TWO_DIGITS[minute - hour * 60]}:${TWO_DIGITS[second - day * DAY - minute * 60]}`;
}

/** Date is the slow part, and what is shown is of few days. */
const days = new Map<number, string>();
const MAX_DAYS = 1_000;

function formatDay(day: number): string {
  let text = days.get(day);
  if (text === undefined) {
    text = new Date(day * DAY * 1000).toISOString().slice(0, 10);
    if (days.size === MAX_DAYS) days.clear();
    days.set(day, text);
  }
  return text;
}

const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/**
 * Seconds since the epoch of an RFC 3339 time with any offset and precision (digits beyond the microsecond are rounded half to
 * even), or null if the text is none. A leap second, which is the last of a day in UTC, counts as the second after it.
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
  if (second === '60' && whole % DAY !== 0) return null;
  if (whole < FIRST || whole >= LAST) return null;

  const micro = microOf(fraction);
  const micros = whole * SECOND + micro;
  // Dividing gives the double nearest to the time, as the clock and Python do, as long as the product is exact.
  return Number.isSafeInteger(micros) ? micros / SECOND : whole + micro / SECOND;
}

/** A time as it is shown: a whole second, and the microsecond in it. */
interface Shown {
  readonly second: number;
  readonly micro: number;
}

function split(seconds: number): Shown {
  if (seconds >= LAST) return { second: LAST - 1, micro: SECOND - 1 };
  if (!(seconds >= FIRST)) return { second: FIRST, micro: 0 };
  // Truncated, so that the rest is exact also before the epoch, where it is negative.
  const whole = Math.trunc(seconds);
  const micro = roundHalfEven((seconds - whole) * SECOND);
  if (micro < 0) return { second: whole - 1, micro: micro + SECOND };
  if (micro === SECOND) return { second: whole + 1, micro: 0 };
  return { second: whole, micro };
}

function compare(one: Shown, other: Shown): number {
  return one.second - other.second || one.micro - other.micro;
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The microseconds in the digits of a fraction, rounded half to even. A fraction that rounds up to a second gives a million. */
function microOf(digits: string): number {
  const micro = Number(digits.slice(0, 6).padEnd(6, '0'));
  const next = Number(digits.charAt(6));
  const isTie = next === 5 && !/[1-9]/.test(digits.slice(7));
  const roundsUp = isTie ? micro % 2 === 1 : next >= 5;
  return roundsUp ? micro + 1 : micro;
}

/** Bisects for the smallest double near a time for which `reached` holds. */
function smallest(seconds: number, reached: (candidate: number) => boolean): number {
  const near = Math.min(Math.max(seconds, FIRST), LAST);
  let below = near - 1;
  let above = near + 1;
  if (reached(below)) return Number.NEGATIVE_INFINITY;
  if (!reached(above)) return Number.POSITIVE_INFINITY;
  for (;;) {
    const middle = below + (above - below) / 2;
    if (middle <= below || middle >= above) return above;
    if (reached(middle)) above = middle;
    else below = middle;
  }
}
