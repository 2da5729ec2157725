// Trials as lines over axes, as points in their order, and as columns to weigh. Pure.
import type { Json, TrialView } from '@/data/records';
import { type Axis, axisOf } from '@/lib/axis';
import { number } from '@/lib/format';
import type { AxesLine } from '@/lib/lines';
import { argOf, better, type Dimension, strengths } from './model';

export interface Picture {
  names: string[];
  axes: Axis[];
  lines: AxesLine[];
}

/** One line a trial; with a metric, those that have a value of it, and it is the last axis. */
export function picture(
  trials: readonly TrialView[],
  dimensions: readonly Dimension[],
  metric: string,
  toward: number,
): Picture {
  const valued = trials.filter((each) => each.value !== null);
  const measured = metric !== '' && valued.length > 0;
  const shown = measured ? valued : trials;
  const values = shown.map((each) => each.value);
  const strong = measured ? strengths(values, toward) : shown.map(() => 0.5);
  const columns = dimensions.map((each) => shown.map((trial) => argOf(trial, each.name)));
  const words = (value: number) => number(value, 3);
  const axes = dimensions.map((each, i) =>
    axisOf(
      columns[i].filter((value) => value !== undefined),
      words,
      each.wish,
    ),
  );
  const names = dimensions.map((each) => each.name);
  if (measured) {
    columns.push(values as Json[]);
    axes.push(axisOf(values, words));
    names.push(metric);
  }
  const lines = shown.map((trial, row) => ({
    id: trial.number,
    at: axes.map((axis, i) => axis.place(columns[i][row])),
    strength: strong[row],
  }));
  return { names, axes, lines };
}

/** Corners of the best value so far, in the order of the trials. */
export function bestSoFar(
  trials: readonly TrialView[],
  toward: number,
  x: (trial: TrialView) => number | null,
): { x: number; y: number }[] {
  if (toward === 0) return [];
  const found: { x: number; y: number }[] = [];
  const ended = trials
    .filter((each) => each.value !== null && each.state === 'finished')
    .map((each) => ({ x: x(each), y: each.value as number }))
    .filter((each): each is { x: number; y: number } => each.x !== null)
    .sort((a, b) => a.x - b.x);
  for (const each of ended) {
    const last = found[found.length - 1];
    if (!last || better(each.y, last.y, toward)) found.push(each);
  }
  return found;
}
