// The chart port: axes, zoom and cursor by uPlot, everything else drawn by us. No uPlot type leaves.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import {
  byteSteps,
  byteTicks,
  byteWords,
  increments,
  linearSteps,
  linearTicks,
  logTicks,
  shortNumber,
  timeWords,
  xWords,
} from './axes';
import { ink } from './ink';
import { type ChartModel, inView, type Line, nearest, type Range, xRange } from './line';
import { draw, end, limit, mark, note, odd, type Stage, starts } from './paint';
import { yView } from './range';

export interface Hover {
  x: number;
  /** Position of the cursor inside the element, in CSS pixels. */
  left: number;
  top: number;
  /** The line nearest to the cursor, if it is near. */
  id: string | null;
}

export interface ChartEvents {
  zoom(range: Range | null): void;
  hover(hover: Hover | null): void;
}

export interface ChartPort {
  update(model: ChartModel): void;
  highlight(id: string | null): void;
  /** Show the cursor at x without telling. */
  cursor(x: number | null): void;
  resize(width: number, height: number): void;
  png(title: string): Promise<Blob | null>;
  destroy(): void;
}

const NEAR_PX = 24;

export class Chart implements ChartPort {
  private readonly plot: uPlot;
  private x: Range = [0, 1];
  private y: Range = [0, 1];
  private lit: string | null = null;
  private silent = false;
  /** Whether the pointer is over this chart: its cursor also follows that of others. */
  private under = false;

  constructor(
    private readonly element: HTMLElement,
    private model: ChartModel,
    private readonly events: ChartEvents,
  ) {
    this.measure();
    this.plot = new uPlot(this.options(), this.data(), element);
    this.plot.over.addEventListener('dblclick', () => this.events.zoom(null));
    this.plot.over.addEventListener('mouseenter', () => {
      this.under = true;
    });
    this.plot.over.addEventListener('mouseleave', () => this.left());
  }

  update(model: ChartModel): void {
    this.model = model;
    this.measure();
    this.plot.setData(this.data(), true);
  }

  highlight(id: string | null): void {
    const shown =
      id !== null && this.model.lines.some((line) => line.id === id && inView(line, this.x))
        ? id
        : null;
    if (shown === this.lit) return;
    this.lit = shown;
    this.plot.redraw(false);
  }

  cursor(x: number | null): void {
    this.silent = true;
    const left = x === null || x < this.x[0] || x > this.x[1] ? -10 : this.plot.valToPos(x, 'x');
    this.plot.setCursor({ left, top: left < 0 ? -10 : 0 }, false);
    this.silent = false;
  }

  resize(width: number, height: number): void {
    if (width !== this.plot.width || height !== this.plot.height)
      this.plot.setSize({ width, height });
  }

  async png(title: string): Promise<Blob | null> {
    const from = this.plot.ctx.canvas;
    const dpr = devicePixelRatio;
    const canvas = document.createElement('canvas');
    canvas.width = from.width;
    canvas.height = from.height + 28 * dpr;
    const c = canvas.getContext('2d');
    if (!c) return null;
    c.fillStyle = ink('--surface');
    c.fillRect(0, 0, canvas.width, canvas.height);
    c.fillStyle = ink('--ink');
    c.font = `600 ${13 * dpr}px ${ink('--sans')}`;
    c.fillText(title, 10 * dpr, 18 * dpr);
    c.drawImage(from, 0, 28 * dpr);
    return new Promise((resolve) => canvas.toBlob(resolve));
  }

  destroy(): void {
    if (this.under) this.left();
    this.plot.destroy();
  }

  private left(): void {
    this.under = false;
    this.events.hover(null);
  }

  private measure(): void {
    this.x = xRange(this.model);
    this.y = yView(this.model, this.x);
  }

  /** Two points: uPlot only wants to know that there is something. */
  private data(): uPlot.AlignedData {
    return [
      [this.x[0], this.x[1]],
      [this.y[0], this.y[1]],
    ];
  }

  private options(): uPlot.Options {
    const { model } = this;
    const font = `11px ${ink('--sans')}`;
    const axis = {
      stroke: () => ink('--axis'),
      grid: { stroke: () => ink('--grid'), width: 1 },
      ticks: { show: false },
      font,
    };
    const logarithmic = {
      splits: (_: uPlot, __: number, low: number, high: number) => logTicks(low, high),
      filter: (_: uPlot, ticks: number[]) => ticks,
    };
    const [steps, divided] = model.bytes ? [byteSteps, byteTicks] : [linearSteps, linearTicks];
    const linear = {
      incrs: (_: uPlot, __: number, low: number, high: number) => steps(low, high),
      splits: (_: uPlot, __: number, low: number, high: number, step: number) =>
        divided(low, high, step),
    };
    return {
      width: Math.max(80, this.element.clientWidth),
      height: Math.max(60, this.element.clientHeight),
      ms: 1,
      // Half a word of the last tick stands beyond the end of the axis.
      padding: [8, 18, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: model.x === 'time', distr: model.xLog ? 3 : 1, range: () => this.x },
        y: { distr: model.yLog ? 3 : 1, range: () => this.y },
      },
      axes: [
        {
          ...axis,
          size: 24,
          gap: 4,
          space: 60,
          values: (_: uPlot, ticks: number[]) =>
            model.x === 'time' ? timeWords(ticks) : ticks.map((tick) => xWords(model.x, tick)),
          ...(increments(model.x) && { incrs: increments(model.x) }),
          ...(model.xLog && logarithmic),
        },
        {
          ...axis,
          size: model.bytes ? 58 : 50,
          gap: 4,
          space: 32,
          values: (_: uPlot, ticks: number[]) =>
            model.bytes ? byteWords(ticks) : ticks.map(shortNumber),
          ...(model.yLog ? logarithmic : linear),
        },
      ],
      series: [{}, { paths: () => null, points: { show: false } }],
      cursor: {
        points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: 4 },
        y: false,
      },
      hooks: {
        draw: [() => this.paint()],
        setSelect: [(plot: uPlot) => this.selected(plot)],
        setCursor: [(plot: uPlot) => this.moved(plot)],
      },
    };
  }

  private paint(): void {
    const plot = this.plot ?? null;
    if (!plot) return;
    const { left, top, width, height } = plot.bbox;
    const stage: Stage = {
      c: plot.ctx,
      px: (x) => plot.valToPos(x, 'x', true),
      py: (y) => plot.valToPos(y, 'y', true),
      left,
      top,
      width,
      height,
      dpr: devicePixelRatio,
      x: this.x,
    };
    stage.c.save();
    stage.c.beginPath();
    stage.c.rect(left, top, width, height);
    stage.c.clip();
    for (const each of this.model.limits) limit(stage, each.y, each.label);
    for (const line of this.model.lines) {
      if (line.id !== this.lit) draw(stage, line, this.model.band, this.lit !== null, false);
    }
    const lit = this.model.lines.find((line) => line.id === this.lit);
    if (lit) draw(stage, lit, this.model.band, false, true);
    for (const line of this.model.lines) {
      odd(stage, line);
      starts(stage, line);
    }
    for (const each of this.model.marks ?? []) mark(stage, each);
    const tokens = new Map(this.model.lines.map((line) => [line.id, line.token]));
    for (const each of this.model.notes ?? []) note(stage, each, tokens.get(each.id) ?? '--ink-3');
    stage.c.restore();
    for (const line of this.model.lines) {
      if (this.lit === null || line.id === this.lit) end(stage, line);
    }
  }

  private selected(plot: uPlot): void {
    if (plot.select.width < 4) return;
    const from = plot.posToVal(plot.select.left, 'x');
    const to = plot.posToVal(plot.select.left + plot.select.width, 'x');
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (to > from) this.events.zoom([from, to]);
  }

  private moved(plot: uPlot): void {
    if (this.silent || !this.under) return;
    const { left, top } = plot.cursor;
    if (left === undefined || top === undefined || left < 0) return;
    const x = plot.posToVal(left, 'x');
    const dpr = devicePixelRatio;
    this.events.hover({
      x,
      left: left + plot.bbox.left / dpr,
      top: top + plot.bbox.top / dpr,
      id: this.near(plot, x, top),
    });
  }

  private near(plot: uPlot, x: number, top: number): string | null {
    let best: Line | null = null;
    let distance = NEAR_PX;
    for (const line of this.model.lines) {
      const i = nearest(line.x, x);
      if (i < 0 || !Number.isFinite(line.y[i]) || !inView(line, this.x)) continue;
      const away = Math.abs(plot.valToPos(line.y[i], 'y') - top);
      if (away < distance) {
        distance = away;
        best = line;
      }
    }
    return best?.id ?? null;
  }
}
