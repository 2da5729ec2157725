// Lines over parallel axes: which pass the brushes, and which is under the pointer. Pure.

export interface AxesLine {
  id: number;
  /** Its place on each axis, 0..1 from the bottom; NaN where it has none. */
  at: ArrayLike<number>;
  /** 0 is drawn faint, 1 strong. */
  strength: number;
}

/** A range of an axis by the axis' name, 0..1. */
export type Brushes = Record<string, [number, number]>;

const SLACK = 0.006;

/** Whether a line goes through every brushed range; what has no place on an axis does not. */
export function passes(line: AxesLine, names: readonly string[], brushes: Brushes): boolean {
  return names.every((name, i) => {
    const range = brushes[name];
    if (!range) return true;
    return line.at[i] >= range[0] - SLACK && line.at[i] <= range[1] + SLACK;
  });
}

/** How far along from one height to the next the curve is: as the Bézier that is drawn. */
export function ease(part: number): number {
  let t = part;
  // x(t) of control points half way is 1.5 t - 1.5 t² + t³; a few steps of Newton's find t.
  for (let i = 0; i < 4; i += 1) {
    const x = 1.5 * t - 1.5 * t * t + t ** 3;
    t -= (x - part) / (1.5 - 3 * t + 3 * t * t);
  }
  return t * t * (3 - 2 * t);
}

/** The line nearest to a point, no farther than `reach` (in parts of the height). */
export function nearestLine(
  lines: readonly AxesLine[],
  axes: number,
  x: number,
  y: number,
  reach: number,
): AxesLine | null {
  if (axes < 2 || x < 0 || x > 1) return null;
  const along = x * (axes - 1);
  const i = Math.min(axes - 2, Math.floor(along));
  const weight = ease(along - i);
  let found: AxesLine | null = null;
  let least = reach;
  for (const line of lines) {
    const height = line.at[i] * (1 - weight) + line.at[i + 1] * weight;
    const far = Math.abs(height - y);
    if (far <= least) {
      least = far;
      found = line;
    }
  }
  return found;
}

/** Brushes as text for an address, both ways. */
export function writeBrushes(brushes: Brushes): string {
  return Object.entries(brushes)
    .map(([name, [from, to]]) => `${encodeURIComponent(name)}:${short(from)}-${short(to)}`)
    .join(',');
}

export function readBrushes(text: string): Brushes {
  const found: [string, [number, number]][] = [];
  for (const part of text.split(',')) {
    const match = /^([^:]+):([\d.]+)-([\d.]+)$/.exec(part);
    if (!match) continue;
    const [from, to] = [Number(match[2]), Number(match[3])];
    if (!(from < to && to <= 1)) continue;
    try {
      found.push([decodeURIComponent(match[1]), [from, to]]);
    } catch {
      // A broken address names no axis.
    }
  }
  // Also of an axis named __proto__.
  return Object.fromEntries(found);
}

function short(value: number): string {
  return String(Number(value.toFixed(3)));
}
