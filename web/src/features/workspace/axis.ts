// One axis over values that may be numbers or words. Pure.

export interface Axis {
  /** 0..1 */
  place(value: number | string): number;
  ticks: { at: number; words: string }[];
  numeric: boolean;
}

const LOG_RATIO = 100;
const WORDS_MAX = 12;

export function axisOf(
  values: readonly (number | string)[],
  words: (value: number) => string,
): Axis {
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length === values.length && numbers.length > 0) return numeric(numbers, words);
  const names = [...new Set(values.map(String))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  const place = (value: number | string) =>
    names.length < 2 ? 0.5 : names.indexOf(String(value)) / (names.length - 1);
  const every = Math.ceil(names.length / WORDS_MAX);
  return {
    place,
    numeric: false,
    ticks: names
      .filter((_, i) => i % every === 0)
      .map((name) => ({ at: place(name), words: name })),
  };
}

function numeric(values: readonly number[], words: (value: number) => string): Axis {
  let low = values[0];
  let high = values[0];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  // What spans decades is read in decades, such as learning rates.
  const log = low > 0 && high / low >= LOG_RATIO;
  const to = (value: number) => (log ? Math.log10(value) : value);
  const span = to(high) - to(low);
  const place = (value: number | string) =>
    span === 0 ? 0.5 : (to(Number(value)) - to(low)) / span;
  const back = (part: number) => (log ? 10 ** (to(low) + part * span) : low + part * span);
  const parts = span === 0 ? [0.5] : [0, 0.25, 0.5, 0.75, 1];
  return {
    place,
    numeric: true,
    ticks: parts.map((part) => ({ at: part, words: words(Number(back(part).toPrecision(3))) })),
  };
}
