// Smoothing of lines that may hold gaps. Never changes how many points there are.

export type SmoothingKind = 'none' | 'ema' | 'gaussian' | 'mean';
export interface Smoothing {
  kind: SmoothingKind;
  /** 0..1 */
  amount: number;
}

export const NO_SMOOTHING: Smoothing = { kind: 'none', amount: 0 };
const EMA_MOST = 0.999;
const REACH_MOST = 0.25;

/** The line smoothed; NaN stays NaN and is passed over. `shown` of the points are in view. */
export function smooth(y: ArrayLike<number>, how: Smoothing, shown = y.length): Float64Array {
  if (how.kind === 'none' || how.amount <= 0 || y.length < 3) return Float64Array.from(y);
  if (how.kind === 'ema') return ema(y, Math.min(how.amount, 1) * EMA_MOST);
  const reach = Math.max(1, Math.round(how.amount ** 2 * shown * REACH_MOST));
  return how.kind === 'mean' ? runningMean(y, reach) : gaussian(y, reach);
}

/** Exponential, with the start's bias taken out. */
function ema(y: ArrayLike<number>, weight: number): Float64Array {
  const out = new Float64Array(y.length);
  let last = 0;
  let seen = 0;
  for (let i = 0; i < y.length; i += 1) {
    if (!Number.isFinite(y[i])) {
      out[i] = Number.NaN;
      continue;
    }
    last = last * weight + (1 - weight) * y[i];
    seen += 1;
    out[i] = last / (1 - weight ** seen);
  }
  return out;
}

function runningMean(y: ArrayLike<number>, reach: number): Float64Array {
  const sums = new Float64Array(y.length + 1);
  const counts = new Float64Array(y.length + 1);
  for (let i = 0; i < y.length; i += 1) {
    const fine = Number.isFinite(y[i]);
    sums[i + 1] = sums[i] + (fine ? y[i] : 0);
    counts[i + 1] = counts[i] + (fine ? 1 : 0);
  }
  const out = new Float64Array(y.length);
  for (let i = 0; i < y.length; i += 1) {
    const from = Math.max(0, i - reach);
    const to = Math.min(y.length, i + reach + 1);
    const n = counts[to] - counts[from];
    out[i] = Number.isFinite(y[i]) && n > 0 ? (sums[to] - sums[from]) / n : Number.NaN;
  }
  return out;
}

function gaussian(y: ArrayLike<number>, reach: number): Float64Array {
  const sigma = reach / 2;
  const weights = Float64Array.from({ length: reach + 1 }, (_, i) =>
    Math.exp((-i * i) / (2 * sigma * sigma)),
  );
  const out = new Float64Array(y.length);
  for (let i = 0; i < y.length; i += 1) {
    if (!Number.isFinite(y[i])) {
      out[i] = Number.NaN;
      continue;
    }
    let sum = 0;
    let total = 0;
    for (let j = Math.max(0, i - reach); j <= Math.min(y.length - 1, i + reach); j += 1) {
      if (!Number.isFinite(y[j])) continue;
      const weight = weights[Math.abs(i - j)];
      sum += weight * y[j];
      total += weight;
    }
    out[i] = sum / total;
  }
  return out;
}
