// How axes are divided and written. Never draws.
import { duration, number } from '@/lib/format';
import type { XKind } from './line';

const S = 1000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;
const DURATIONS = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  S,
  2 * S,
  5 * S,
  10 * S,
  15 * S,
  30 * S,
  M,
  2 * M,
  5 * M,
  10 * M,
  15 * M,
  30 * M,
  H,
  2 * H,
  3 * H,
  6 * H,
  12 * H,
  D,
  2 * D,
  5 * D,
  10 * D,
  30 * D,
  100 * D,
  365 * D,
];

/** Steps that a division may have; undefined leaves it to the engine. */
export function increments(kind: XKind): number[] | undefined {
  return kind === 'duration' ? DURATIONS : undefined;
}

const LOG_TICKS_MAX = 7;
const TICKS_MAX = 100;
const FINE = [1, 2, 5];

/** Where a logarithmic axis is divided: at decades, between them where there are few. */
export function logTicks(low: number, high: number): number[] {
  const [from, to] = [Math.log10(low), Math.log10(high)];
  if (!(from < to) || !Number.isFinite(to - from)) return [];
  const decades = Math.floor(to) - Math.ceil(from) + 1;
  if (decades >= 3) {
    const step = Math.ceil(decades / LOG_TICKS_MAX);
    const first = Math.ceil(Math.ceil(from) / step) * step;
    const found: number[] = [];
    for (let e = first; e <= to; e += step) found.push(10 ** e);
    return found;
  }
  const fine: number[] = [];
  for (let e = Math.floor(from); e <= to; e += 1) {
    for (const part of FINE) {
      const at = part * 10 ** e;
      if (at >= low && at <= high) fine.push(at);
    }
  }
  if (fine.length >= 2) return fine;
  return [0, 1, 2, 3].map((i) => Number((10 ** (from + ((to - from) * i) / 3)).toPrecision(3)));
}

/** Steps that an axis of such a range may have; the engine's own end at 1e32. */
export function linearSteps(low: number, high: number): number[] {
  const top = Math.floor(Math.log10(high - low));
  if (!Number.isFinite(top)) return [1];
  const found: number[] = [];
  for (let e = top - 3; e <= top; e += 1) for (const part of FINE) found.push(part * 10 ** e);
  return found;
}

const BINARY = ['', ' KiB', ' MiB', ' GiB', ' TiB', ' PiB'];

/** How many bytes the unit of such a range has, as a power of 1,024. */
function power(high: number): number {
  const found = Math.floor(Math.log2(Math.max(1, Math.abs(high))) / 10);
  return Math.min(found, BINARY.length - 1);
}

/** Steps of an axis of bytes. */
export function byteSteps(low: number, high: number): number[] {
  const unit = 1024 ** power(high);
  return linearSteps(low / unit, high / unit).map((each) => each * unit);
}

/** Multiples of such a step within a range. */
export function byteTicks(low: number, high: number, step: number): number[] {
  const unit = 1024 ** power(high);
  return linearTicks(low / unit, high / unit, step / unit).map((each) => each * unit);
}

/** Ticks in the unit of the largest. */
export function byteWords(ticks: readonly number[]): string[] {
  const e = power(Math.max(...ticks.map(Math.abs)));
  return ticks.map((tick) => (tick === 0 ? '0' : `${shortNumber(tick / 1024 ** e)}${BINARY[e]}`));
}

/** The multiples of a step within a range. */
export function linearTicks(low: number, high: number, step: number): number[] {
  const found: number[] = [];
  const last = Math.floor(high / step);
  for (let n = Math.ceil(low / step); n <= last && found.length < TICKS_MAX; n += 1)
    found.push(Number((n * step).toPrecision(12)));
  return found;
}

/** A tick of the x axis. */
export function xWords(kind: XKind, value: number): string {
  if (kind === 'duration') return shortDuration(value);
  return shortNumber(value);
}

/** Ticks of the wall clock, as short as they are apart: a day begins with its date. */
export function timeWords(ticks: readonly number[]): string[] {
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : M;
  return ticks.map((tick) => {
    const at = new Date(tick);
    const midnight = at.getHours() + at.getMinutes() + at.getSeconds() === 0;
    if (step >= D || midnight)
      return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
    return at.toTimeString().slice(0, step < M ? 8 : 5);
  });
}

/** A whole value of x, for tooltips. */
export function xValue(kind: XKind, value: number): string {
  if (kind === 'duration') return duration(value);
  if (kind === 'time')
    return new Date(value).toLocaleString('en-GB', {
      day: 'numeric',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  return number(value, 7);
}

function shortDuration(ms: number): string {
  if (ms === 0) return '0';
  const size = Math.abs(ms);
  const [unit, word] =
    size < S
      ? [1, 'ms']
      : size < M
        ? [S, 's']
        : size < H
          ? [M, 'm']
          : size < 2 * D
            ? [H, 'h']
            : [D, 'd'];
  return `${Math.round((ms / unit) * 10) / 10}${word}`;
}

export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (value === 0) return '0';
  const units: [number, string][] = [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ];
  for (const [unit, word] of units) {
    if (size >= unit && size < 1e15)
      return `${Number((value / unit).toPrecision(4))}${word}`.replace('-', '−');
  }
  if (size >= 1e15 || size < 1e-3)
    return value.toExponential(1).replace('.0e', 'e').replace('e+', 'e').replaceAll('-', '−');
  return String(Number(value.toPrecision(4))).replace('-', '−');
}
