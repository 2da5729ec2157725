// One axis over values that may be numbers or words. Pure.

export interface Axis {
  /** 0..1, NaN for what is not on it. */
  place(value: unknown): number;
  ticks: { at: number; words: string }[];
  numeric: boolean;
  log: boolean;
}

export interface AxisWish {
  /** Whether numbers are read in decades; left out, their span decides. */
  log?: boolean;
  /** Numbers that the axis spans at least. */
  span?: readonly [number, number];
  /** Every value in order, where there are finitely many: each has its place, even a number. */
  choices?: readonly unknown[];
}

const LOG_RATIO = 100;
const WORDS_MAX = 12;

export function axisOf(
  values: readonly unknown[],
  words: (value: number) => string,
  wish: AxisWish = {},
): Axis {
  const numbers = values.filter((value) => typeof value === 'number' && Number.isFinite(value));
  if (!wish.choices && numbers.length === values.length && numbers.length > 0)
    return numeric(numbers as number[], words, wish);
  return named(values, words, wish.choices);
}

/** A number or a word as it is compared: 1 and "1" are the same choice. */
export function spoken(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
}

function named(
  values: readonly unknown[],
  words: (value: number) => string,
  choices: readonly unknown[] | undefined,
): Axis {
  const asked = [...new Set((choices ?? []).map(spoken))];
  const others = [...new Set(values.map(spoken))]
    .filter((name) => !asked.includes(name))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const names = [...asked, ...others];
  const places = new Map(names.map((name, i) => [name, i]));
  const place = (value: unknown) => {
    const i = places.get(spoken(value));
    if (i === undefined) return Number.NaN;
    return names.length < 2 ? 0.5 : i / (names.length - 1);
  };
  const every = Math.ceil(names.length / WORDS_MAX);
  const said = (name: string) => (name !== '' && !Number.isNaN(Number(name)) ? words(+name) : name);
  return {
    place,
    numeric: false,
    log: false,
    ticks: names
      .filter((_, i) => i % every === 0)
      .map((name) => ({ at: place(name), words: said(name) })),
  };
}

function numeric(
  values: readonly number[],
  words: (value: number) => string,
  wish: AxisWish,
): Axis {
  let [low, high] = wish.span ?? [values[0], values[0]];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  // What spans decades is read in decades, such as learning rates.
  const log = low > 0 && (wish.log ?? high / low >= LOG_RATIO);
  const to = (value: number) => (log ? Math.log10(value) : value);
  const span = to(high) - to(low);
  const place = (value: unknown) =>
    typeof value !== 'number' ? Number.NaN : span === 0 ? 0.5 : (to(value) - to(low)) / span;
  const back = (part: number) => (log ? 10 ** (to(low) + part * span) : low + part * span);
  const parts = span === 0 ? [0.5] : [0, 0.25, 0.5, 0.75, 1];
  return {
    place,
    numeric: true,
    log,
    ticks: parts.map((part) => ({ at: part, words: words(Number(back(part).toPrecision(3))) })),
  };
}

/** Round values between two ends, about as many as asked; in decades one, two and five of each. */
export function ticks(low: number, high: number, many: number, log = false): number[] {
  if (!(high > low)) return [low];
  if (log && low > 0 && high / low >= 10) return decades(low, high, many);
  const rough = (high - low) / Math.max(1, many);
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * unit).find((each) => each >= rough) ?? rough;
  const found: number[] = [];
  for (
    let at = Math.ceil(low / step);
    at * step <= high + step * 1e-9 && found.length < 100;
    at += 1
  )
    found.push(Number((at * step).toPrecision(12)));
  return found;
}

function decades(low: number, high: number, many: number): number[] {
  const [from, to] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const every = Math.max(1, Math.ceil((to - from) / many));
  const parts = to - from <= many / 2 ? [1, 2, 5] : [1];
  const found: number[] = [];
  for (let power = from; power <= to; power += every)
    for (const part of parts) {
      const value = Number(`${part}e${power}`);
      if (value >= low && value <= high) found.push(value);
    }
  return found;
}
