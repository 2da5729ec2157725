import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunView } from '@/data/records';
import { cellWords, laidOut, nextOrder, picked, sortedBy } from './model';

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
  expect(sortedBy('-name', 'name')).toBe('descending');
  expect(sortedBy('-name', '')).toBe('none');
});

test('what was held out and lost comes first among ten thousand keys', () => {
  const many = Array.from({ length: 10_000 }, (_, i) => `summary.layer${i}/norm`);
  expect(picked([...many, 'summary.val/loss', 'summary._step'], false)).toEqual([
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
