// Numbers, lengths and times as people read them. Never reads a clock.

const MINUS = '−';
// Made once: `toLocaleString` would make one at every call, and a table calls it for every cell.
const GROUPED = new Intl.NumberFormat('en-US');
const MONTH = new Intl.DateTimeFormat('en-GB', { month: 'short' });
const MOMENT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });

/** A value of a metric: 4-5 significant digits, plain words for what is no number. */
export function number(value: unknown, digits = 4): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value !== 'number') return JSON.stringify(value) ?? '–';
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : `${MINUS}∞`;
  if (value === 0) return '0';
  const size = Math.abs(value);
  const sign = value < 0 ? MINUS : '';
  if (Number.isInteger(value) && size < 1e7) return sign + GROUPED.format(size);
  if (size >= 1e6 || size < 1e-3) {
    return (
      sign +
      size
        .toExponential(digits - 2)
        .replace(/\.?0+e/, 'e')
        .replace('e+', 'e')
        .replace('e-', `e${MINUS}`)
    );
  }
  return sign + trimmed(size.toPrecision(Math.max(digits, String(Math.trunc(size)).length)));
}

/** A value in a column of them: as many digits as its neighbours. */
export function figure(value: unknown, digits = 4): string {
  const plain = typeof value === 'number' && Number.isFinite(value) && !Number.isInteger(value);
  const size = plain ? Math.abs(value) : 0;
  if (size < 1e-3 || size >= 1e6) return number(value, digits);
  const whole = String(Math.trunc(size)).length;
  return (Number(value) < 0 ? MINUS : '') + size.toPrecision(Math.max(digits, whole));
}

/** A value of a configuration: 4096 as it was written, not 4,096. */
export function setting(value: unknown): string {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 1e15
    ? String(value).replace('-', MINUS)
    : number(value, 6);
}

function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;
}

/** A count that must fit a narrow place: 78.5k, 1.2M. */
export function compact(count: number): string {
  if (count < 10_000) return GROUPED.format(count);
  if (count < 1e6) return `${trimmed((count / 1e3).toPrecision(3))}k`;
  return `${trimmed((count / 1e6).toPrecision(3))}M`;
}

export function count(value: number): string {
  return GROUPED.format(value);
}

/** A length of time: 0.4 s, 41 s, 3 min, 7h 16m, 2d 4h. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–';
  const s = Math.max(0, ms) / 1000;
  if (s < 10) return `${s.toFixed(1)} s`;
  if (s < 60) return `${Math.floor(s)} s`;
  const minutes = Math.floor(s / 60);
  if (minutes < 60)
    return minutes < 10 ? `${minutes}m ${pad(Math.floor(s % 60))}s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}h ${pad(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

export function bytes(size: number | null | undefined): string {
  if (size === null || size === undefined) return '–';
  if (size < 1024) return `${size} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = size / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${trimmed(value.toPrecision(3))} ${units[unit]}`;
}

/** 14:32:07 of today, 23 Nov 14:32 of another day; `now` decides which. */
export function clock(at: number | null | undefined, now: number): string {
  if (at === null || at === undefined) return '–';
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return '–';
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  if (new Date(now).toDateString() === date.toDateString()) return time;
  const day = `${date.getDate()} ${MONTH.format(date)}`;
  const year = new Date(now).getFullYear() === date.getFullYear() ? '' : ` ${date.getFullYear()}`;
  return `${day}${year} ${time.slice(0, 5)}`;
}

/** The whole of it, for titles. */
export function moment(at: number | null | undefined): string {
  const date = new Date(at ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? '' : MOMENT.format(date);
}

/** 18 min ago. */
export function ago(at: number | null | undefined, now: number): string {
  if (at === null || at === undefined) return '–';
  const ms = now - at;
  return ms < 0 ? 'just now' : `${duration(ms)} ago`;
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** A sentence that begins like one. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** How many values are no finite numbers, in words; nothing if all are. */
export function notFinite(nan: number, inf: number): string {
  return [nan > 0 && `${count(nan)} NaN`, inf > 0 && `${count(inf)} ∞`].filter(Boolean).join(', ');
}
