// Lines over parallel axes on two canvases: all of them, and the one that is lit. Never an axis' name.
import { type AxesLine, type Brushes, passes } from '@/lib/lines';
import { ink } from './ink';
import { Sheet } from './sheet';

export interface CoordinatesModel {
  lines: readonly AxesLine[];
  names: readonly string[];
  brushes: Brushes;
  /** Axes of names, where lines are kept a little apart. */
  apart: readonly boolean[];
  /** Drawn above the others, as the one to beat. */
  best: number | null;
}

export interface CoordinatesPort {
  update(model: CoordinatesModel, rough?: boolean): void;
  light(id: number | null): void;
  redraw(): void;
  destroy(): void;
}

const LEVELS = 6;
const CURVED_MAX = 2_500;
const ROUGH_MAX = 800;
/** So many lines step back at once when one is lit; more would make the pointer wait. */
const DIMMED_MAX = 400;
const APART_PX = 9;
const CROWD = 600;
const PATHS = 120;

export class Coordinates implements CoordinatesPort {
  private readonly all: Sheet;
  private readonly one: Sheet;
  private lit: number | null = null;
  private rough = false;

  constructor(
    element: HTMLElement,
    private model: CoordinatesModel,
  ) {
    this.all = new Sheet(element, (c, width, height) => this.paintAll(c, width, height));
    this.one = new Sheet(element, (c, width, height) => this.paintOne(c, width, height));
  }

  /** While a brush is dragged over very many lines, some stand for all. */
  update(model: CoordinatesModel, rough = false): void {
    this.model = model;
    this.rough = rough;
    this.redraw();
  }

  light(id: number | null): void {
    if (id === this.lit) return;
    const dims = (id === null) !== (this.lit === null) && this.model.lines.length <= DIMMED_MAX;
    this.lit = id;
    if (dims) this.all.again();
    this.one.again();
  }

  redraw(): void {
    this.all.again();
    this.one.again();
  }

  destroy(): void {
    this.all.destroy();
    this.one.destroy();
  }

  private paintAll(c: CanvasRenderingContext2D, width: number, height: number): void {
    const { lines, names, brushes, apart } = this.model;
    const every = this.rough ? Math.ceil(lines.length / ROUGH_MAX) : 1;
    const curved = lines.length / every <= CURVED_MAX;
    const many = lines.length / every;
    // Lines of one path do not add up: in a crowd each path holds few, and density shows.
    const dense = many > CROWD;
    const most = dense ? Math.ceil(many / PATHS) : Number.POSITIVE_INFINITY;
    const dim = this.lit === null || lines.length > DIMMED_MAX ? 1 : 0.45;
    const levels: AxesLine[][] = Array.from({ length: LEVELS + 1 }, () => []);
    for (let i = 0; i < lines.length; i += every) {
      const line = lines[i];
      const level = Math.min(LEVELS - 1, Math.floor(line.strength ** (dense ? 5 : 1) * LEVELS));
      levels[passes(line, names, brushes) ? level + 1 : 0].push(line);
    }
    levels.forEach((own, level) => {
      const part = Math.max(0, level - 1) / (LEVELS - 1);
      c.strokeStyle = ink(level === 0 ? '--line-2' : '--series-0');
      c.lineWidth = 0.9 + 0.6 * part * (dense ? 0.5 : 1);
      const strong = dense ? 0.008 + 0.24 * part ** 2 : 0.12 + 0.7 * part ** 1.6;
      c.globalAlpha = level === 0 ? (dense ? 0.02 : 0.3) : strong * dim;
      for (let from = 0; from < own.length; from += most) {
        const path = new Path2D();
        for (const line of own.slice(from, from + most))
          trace(path, line, apart, [width, height], curved);
        c.stroke(path);
      }
    });
    c.globalAlpha = 1;
  }

  private paintOne(c: CanvasRenderingContext2D, width: number, height: number): void {
    const { lines, names, brushes, best, apart } = this.model;
    for (const [id, token] of [
      [best, '--series-7'],
      [this.lit, '--ink'],
    ] as const) {
      const line = id === null ? undefined : lines.find((each) => each.id === id);
      if (!line || (id === best && !passes(line, names, brushes))) continue;
      const path = new Path2D();
      trace(path, line, apart, [width, height], true);
      c.strokeStyle = ink('--surface');
      c.lineWidth = 4.5;
      c.stroke(path);
      c.strokeStyle = ink(token);
      c.lineWidth = 2.2;
      c.stroke(path);
    }
  }
}

function trace(
  path: Path2D,
  line: AxesLine,
  apart: readonly boolean[],
  [width, height]: [number, number],
  curved: boolean,
): void {
  const { at } = line;
  const step = width / Math.max(1, at.length - 1);
  let [px, py] = [Number.NaN, Number.NaN];
  for (let i = 0; i < at.length; i += 1) {
    const aside = apart[i] ? (((line.id * 7919) % 101) / 100 - 0.5) * APART_PX : 0;
    const [x, y] = [i * step, (1 - at[i]) * height + aside];
    if (Number.isNaN(y)) py = Number.NaN;
    else {
      if (Number.isNaN(py)) path.moveTo(x, y);
      else if (curved) path.bezierCurveTo((px + x) / 2, py, (px + x) / 2, y, x, y);
      else path.lineTo(x, y);
      [px, py] = [x, y];
    }
  }
}
