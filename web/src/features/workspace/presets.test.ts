import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '@/data/records';
import { drawable, figureOf } from './figure';
import { drawingOf, type Preset, preset } from './presets';

/** A chart's table as the client names it, with its settings in the configuration. */
function drawn(
  id: string,
  fields: Record<string, string>,
  columns: string[],
  rows: Json[][],
): Preset | null {
  const visualize = {
    'eval/pr': { panel_config: { panelDefId: id, fieldSettings: fields, stringSettings: {} } },
  };
  const drawing = drawingOf({ _wandb: { visualize } }, 'Custom Chart Tables/eval/pr_table');
  return drawing && preset(drawing, { columns, rows });
}

test('a curve of each class is a line in the order of x', () => {
  const fields = { x: 'recall', y: 'precision', class: 'class' };
  const found = drawn(
    'wandb/area-under-curve/v0',
    fields,
    ['class', 'recall', 'precision'],
    [
      ['a', 1, 0.5],
      ['b', 0, 1],
      ['a', 0, 0.9],
      ['b', 'NaN', 1],
    ],
  );
  expect(found).toMatchObject({
    kind: 'lines',
    lines: [
      {
        name: 'a',
        points: [
          [0, 0.9],
          [1, 0.5],
        ],
      },
      { name: 'b', points: [[0, 1]] },
    ],
  });
});

test('a confusion matrix has a row and a column for every class that is named at all', () => {
  const names = { Actual: 'Actual', Predicted: 'Predicted', nPredictions: 'nPredictions' };
  const found = drawn('wandb/confusion_matrix/v1', names, Object.keys(names), [
    ['cat', 'cat', 3],
    ['cat', 'dog', 2],
    ['dog', 'fish', 1],
  ]);
  expect(found).toMatchObject({
    names: ['cat', 'dog', 'fish'],
    counts: [
      [3, 2, 0],
      [0, 0, 1],
      [0, 0, 0],
    ],
  });
});

test('a histogram counts every finite value once', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noDefaultInfinity: true }), { minLength: 1 }), (values) => {
      const rows = values.map((value) => [Number.isNaN(value) ? null : value]);
      const found = drawn('wandb/histogram/v0', { value: 'v' }, ['v'], rows);
      const counted = found?.kind === 'histogram' ? found.counts.reduce((a, b) => a + b, 0) : 0;
      expect(counted).toBe(values.filter(Number.isFinite).length);
    }),
  );
});

test('what is drawn by a specification of somebody, or lacks its columns, stays a table', () => {
  expect(drawn('me/own', { x: 'a' }, ['a'], [[1]])).toBeNull();
  expect(drawn('wandb/bar/v0', { label: 'gone', value: 'v' }, ['v'], [[1]])).toBeNull();
  expect(drawingOf({}, 'bars_table')).toBeNull();
});

test('whatever a program calls a chart or a figure, reading it does not fail', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (value, name) => {
      const drawing = drawingOf(value as Json, `${name}_table`);
      if (drawing) preset(drawing, { columns: [name], rows: [[value as Json]] });
      figureOf(JSON.stringify(value));
    }),
  );
});

test('a figure in three dimensions is said to be none that is drawn', () => {
  const flat = figureOf('{"data":[{"type":"scattergl"},{}],"layout":{"title":"t"}}');
  expect(flat && drawable(flat)).toBeNull();
  const deep = figureOf('{"data":[{"type":"surface"}]}');
  expect(deep && drawable(deep)).toContain('surface');
  expect(figureOf('[1]')).toBeNull();
});
