import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunView } from '@/data/records';
import {
  cellLink,
  cellWords,
  column,
  differing,
  laidOut,
  learningRate,
  lineWords,
  nextOrder,
  picked,
  sortedBy,
} from './model';

const field = fc.oneof(
  fc.constantFrom('heard', 'user', 'tags'),
  fc.string().map((s) => `summary.${s}`),
);

test('every column stands once, pinned ones one after the other', () => {
  fc.assert(
    fc.property(fc.uniqueArray(field), fc.array(field), fc.boolean(), (fields, pins, dots) => {
      const found = laidOut(fields, [...new Set(pins)], dots);
      const all = [...found.pinned, ...found.columns].map((each) => each.field);
      expect(all.toSorted()).toEqual(fields.toSorted());
      found.pinned.forEach((each, i) => {
        const before = found.pinned[i - 1];
        if (before) expect(each.left).toBeGreaterThanOrEqual(before.left + before.width);
        else expect(each.left).toBeGreaterThan(found.nameLeft);
      });
    }),
  );
});

test('a header sorts down, then up', () => {
  expect(nextOrder('-created', 'name')).toBe('-name');
  expect(nextOrder('-name', 'name')).toBe('name');
  expect(sortedBy('-name', 'name')).toEqual({ way: 'descending', rank: 0 });
  expect(sortedBy('-name', '').way).toBe('none');
});

test('with Shift a header is added, turned and taken away', () => {
  let order = '-created';
  for (const [field, next] of [
    ['a', '-a'],
    ['b', '-a,-b'],
    ['b', '-a,b'],
    ['b', '-a'],
  ]) {
    order = nextOrder(order, field, true);
    expect(order).toBe(next);
  }
  expect(sortedBy('-a,b', 'b')).toEqual({ way: 'ascending', rank: 2 });
});

test('never sorts by more fields than the server does, nor by one twice', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...'abcdefg'), fc.boolean())), (presses) => {
      const order = presses.reduce((now, [key, more]) => nextOrder(now, key, more), '-created');
      const names = order.split(',').map((each) => each.replace('-', ''));
      expect(new Set(names).size).toBe(names.length);
      expect(names.length).toBeLessThanOrEqual(5);
      expect(names.every(Boolean)).toBe(true);
    }),
  );
});

test('columns that nobody chose fit beside each other', () => {
  const many = Array.from({ length: 50 }, (_, i) => `summary.m${i}`);
  fc.assert(
    fc.property(fc.integer({ min: 1_150, max: 4_000 }), (room) => {
      const { width } = laidOut(picked(many, room), [], false);
      expect(width).toBeLessThanOrEqual(room);
    }),
  );
});

test('only what is not the same in all runs is a column', () => {
  const runs = [
    { config: { lr: 1, seed: 3, only: 'here' } },
    { config: { lr: 2, seed: 3 } },
  ] as unknown as RunView[];
  const shown = ['heard', 'summary.loss', 'created'];
  expect(differing(runs, shown)).toEqual(['heard', 'config.lr', 'config.only', 'summary.loss']);
});

test('cells lead to the sweep, the group and the host', () => {
  const run = { entity: 'ada', project: 'lm', sweep: 's1', group: 'a/b', host: '' };
  const link = (field: string) => cellLink(run as unknown as RunView, field);
  expect(['sweep', 'group', 'host', 'user'].map(link)).toEqual([
    '/ada/lm/sweeps/s1',
    '/ada/lm/groups/a%2Fb',
    '',
    '',
  ]);
});

test('the second line says nothing twice, and leaves out what is missing', () => {
  const run = { state: 'finished', duration_ms: 5_400, silent_ms: null, summary: { a: 1 } };
  const words = (why: string, said: object, fields: string[]) =>
    lineWords({ ...run, ...said } as unknown as RunView, why, fields.map(column), 0, 0);
  expect(words('', {}, ['heard', 'summary.a'])).toBe('5.4 s · a 1');
  expect(words('exit code', {}, ['heard', 'summary.b'])).toBe('exit code · 5.4 s');
  // Of metrics that it lacks the next one stands there.
  expect(words('', {}, ['heard', 'summary.b', 'summary.a'])).toBe('5.4 s · a 1');
  const silent = { state: 'running', qualifier: 'unreachable', silent_ms: 9_000 };
  expect(words('silent 9.0 s', silent, ['heard'])).toBe('silent 9.0 s');
});

test('what was held out and lost comes first among ten thousand keys', () => {
  const many = Array.from({ length: 10_000 }, (_, i) => `summary.layer${i}/norm`);
  expect(picked([...many, 'summary.val/loss', 'summary._step'], 0)).toEqual([
    'heard',
    'summary.val/loss',
    'summary.layer0/norm',
  ]);
});

test('missing, zero and NaN look different', () => {
  const run = {
    summary: { a: 0, b: 'NaN' },
    state: 'finished',
    silent_ms: null,
  } as unknown as RunView;
  const words = ['a', 'b', 'c'].map((key) => cellWords(run, `summary.${key}`, 0, 0));
  expect(words).toEqual(['0', 'NaN', '–']);
});

test('what tells runs of a project apart stands before what is plain', () => {
  expect(learningRate(['config.optim.lr', 'config.lr', 'config.lrs', 'config.url'])).toBe(
    'config.lr',
  );
  expect(learningRate(['config.Learning_Rate'])).toBe('config.Learning_Rate');
  expect(learningRate(['config.filler'])).toBeUndefined();
  expect(picked(['summary.loss'], 1_200, ['sweep', 'config.lr'])).toEqual([
    'heard',
    'summary.loss',
    'sweep',
    'config.lr',
    'last_step',
    'created',
    'user',
    'tags',
  ]);
});
