// Values of trials in their order, the best so far as a step, and what has no value at the edge.

import { ticks } from '@/lib/axis';
import { BAD, BADGES, shownState } from '@/lib/states';
import { shortNumber } from './axes';
import { ink } from './ink';
import { glyph } from './paint';
import { Sheet } from './sheet';

export interface ObjectivePoint {
  id: number;
  x: number;
  /** Null: it has none, and is marked at the edge. */
  y: number | null;
  state: string;
  /** Left out by a selection elsewhere. */
  faint: boolean;
}

export interface ObjectiveModel {
  points: readonly ObjectivePoint[];
  /** Corners of the best so far, in order. */
  best: readonly { x: number; y: number }[];
  x: { low: number; high: number; words: (x: number) => string };
  y: { low: number; high: number; log: boolean };
  target: number | null;
}

export interface ObjectiveHover {
  id: number;
  left: number;
  top: number;
}

export interface ObjectivePort {
  update(model: ObjectiveModel): void;
  redraw(): void;
  destroy(): void;
}

const PAD = { left: 54, right: 14, top: 22, bottom: 24 };
const NEAR_PX = 14;
const TICKS_Y = 5;
const TICK_X_PX = 90;

export class Objective implements ObjectivePort {
  private readonly sheet: Sheet;
  private spots: { id: number; x: number; y: number }[] = [];
  private lit: number | null = null;

  constructor(
    private readonly element: HTMLElement,
    private model: ObjectiveModel,
    events: { hover(hover: ObjectiveHover | null): void; open(id: number): void },
  ) {
    this.sheet = new Sheet(element, (c, width, height) => this.paint(c, width, height));
    element.onpointermove = (event) => events.hover(this.at(event));
    element.onpointerleave = () => {
      this.light(null);
      events.hover(null);
    };
    element.onclick = (event) => {
      const found = this.at(event);
      if (found) events.open(found.id);
    };
  }

  update(model: ObjectiveModel): void {
    this.model = model;
    this.sheet.again();
  }

  redraw(): void {
    this.sheet.again();
  }

  destroy(): void {
    this.element.onpointermove = this.element.onpointerleave = this.element.onclick = null;
    this.sheet.destroy();
  }

  private light(id: number | null): void {
    if (id === this.lit) return;
    this.lit = id;
    this.element.style.cursor = id === null ? '' : 'pointer';
    this.sheet.again();
  }

  private at(event: MouseEvent): ObjectiveHover | null {
    const box = this.element.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let found: ObjectiveHover | null = null;
    let least = NEAR_PX;
    for (const spot of this.spots) {
      const far = Math.hypot(spot.x - x, spot.y - y);
      if (far > least) continue;
      least = far;
      found = { id: spot.id, left: spot.x, top: spot.y };
    }
    this.light(found?.id ?? null);
    return found;
  }

  private paint(c: CanvasRenderingContext2D, width: number, height: number): void {
    const { points, best, x, y, target } = this.model;
    const to = (value: number) => (y.log ? Math.log10(value) : value);
    const span = to(y.high) - to(y.low) || 1;
    const px = (at: number) =>
      PAD.left + ((at - x.low) / (x.high - x.low || 1)) * (width - PAD.left - PAD.right);
    const py = (value: number) =>
      height - PAD.bottom - ((to(value) - to(y.low)) / span) * (height - PAD.top - PAD.bottom);
    const edge = 10;
    this.axes(c, width, height, px, py);
    if (target !== null) this.line(c, width, py(target), height, `target ${shortNumber(target)}`);
    this.spots = points.map((each) => {
      const inside = each.y !== null && each.y >= y.low && each.y <= y.high;
      const top =
        inside && each.y !== null
          ? py(each.y)
          : each.y !== null && each.y < y.low
            ? height - PAD.bottom + edge / 2
            : edge;
      return { id: each.id, x: px(each.x), y: top };
    });
    this.dots(c);
    step(c, best, px, py, width - PAD.right);
  }

  private axes(
    c: CanvasRenderingContext2D,
    width: number,
    height: number,
    px: (x: number) => number,
    py: (y: number) => number,
  ): void {
    const { x, y } = this.model;
    c.font = `11px ${ink('--sans')}`;
    c.fillStyle = ink('--axis');
    c.strokeStyle = ink('--grid');
    c.lineWidth = 1;
    c.textAlign = 'right';
    c.textBaseline = 'middle';
    for (const value of ticks(y.low, y.high, TICKS_Y, y.log)) {
      const at = Math.round(py(value)) + 0.5;
      c.beginPath();
      c.moveTo(PAD.left, at);
      c.lineTo(width - PAD.right, at);
      c.stroke();
      c.fillText(shortNumber(value), PAD.left - 6, at);
    }
    c.textBaseline = 'alphabetic';
    const many = Math.max(2, Math.floor((width - PAD.left - PAD.right) / TICK_X_PX));
    for (let i = 0; i < many; i += 1) {
      const at = x.low + ((x.high - x.low) * i) / (many - 1);
      c.textAlign = i === 0 ? 'left' : i === many - 1 ? 'right' : 'center';
      c.fillText(x.words(at), px(at), height - 6);
      if (x.high === x.low) break;
    }
  }

  private line(
    c: CanvasRenderingContext2D,
    width: number,
    at: number,
    height: number,
    words: string,
  ): void {
    const y = Math.min(height - PAD.bottom, Math.max(PAD.top, at));
    c.strokeStyle = ink('--ink-3');
    c.setLineDash([4, 3]);
    c.beginPath();
    c.moveTo(PAD.left, y);
    c.lineTo(width - PAD.right, y);
    c.stroke();
    c.setLineDash([]);
    c.fillStyle = ink('--ink-3');
    c.textAlign = 'right';
    c.fillText(words, width - PAD.right - 4, y - 4);
  }

  private dots(c: CanvasRenderingContext2D): void {
    const { points } = this.model;
    const radius = points.length > 2_000 ? 1.8 : points.length > 400 ? 2.4 : 3.2;
    points.forEach((each, i) => {
      const spot = this.spots[i];
      c.globalAlpha = each.faint ? 0.15 : 1;
      const state = shownState(each.state, '');
      if (BAD.has(each.state) || (each.state === 'pending' && each.y === null)) {
        glyph(c, state, spot.x, spot.y, 11);
        return;
      }
      if (each.y === null && each.state === 'finished') {
        // It ended well and yet has no number: the mark of NaN in every chart.
        c.fillStyle = ink('--state-failed');
        c.fillRect(spot.x - 1, spot.y - 4, 2, 8);
        return;
      }
      c.fillStyle = ink(`--state-${BADGES[state].hue}`);
      c.globalAlpha *= each.state === 'finished' ? 0.6 : 1;
      c.beginPath();
      c.arc(spot.x, spot.y, each.id === this.lit ? radius + 2 : radius, 0, 7);
      c.fill();
    });
    c.globalAlpha = 1;
  }
}

function step(
  c: CanvasRenderingContext2D,
  best: readonly { x: number; y: number }[],
  px: (x: number) => number,
  py: (y: number) => number,
  right: number,
): void {
  if (best.length === 0) return;
  c.strokeStyle = ink('--ink');
  c.lineWidth = 1.6;
  c.beginPath();
  c.moveTo(px(best[0].x), py(best[0].y));
  for (let i = 1; i < best.length; i += 1) {
    c.lineTo(px(best[i].x), py(best[i - 1].y));
    c.lineTo(px(best[i].x), py(best[i].y));
  }
  c.lineTo(right, py(best[best.length - 1].y));
  c.stroke();
}
