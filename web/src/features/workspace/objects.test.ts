import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '@/data/records';
import { loggedBy } from './logged';
import { at, heat, histogram, media, stepsOf, table } from './objects';

const json = fc.jsonValue() as fc.Arbitrary<Json>;

describe('what programs logged', () => {
  test('is read without failing, whatever it is', () => {
    fc.assert(
      fc.property(json, (value) => {
        for (const each of media(value)) expect(typeof each.path).toBe('string');
        histogram(value);
      }),
    );
  });

  test('several pictures of both clients are several files', () => {
    const ours = {
      _type: 'images/separated',
      filenames: ['a.png', 'b.png'],
      captions: ['one'],
      width: 4,
      height: 3,
    };
    expect(media(ours).map((each) => [each.path, each.caption])).toEqual([
      ['a.png', 'one'],
      ['b.png', ''],
    ]);
    const sound = { _type: 'audio', audio: [{ _type: 'audio-file', path: 'a.wav' }] };
    expect(media(sound)).toMatchObject([{ kind: 'audio', path: 'a.wav' }]);
    expect(media({ _type: 'image-file' })).toEqual([]);
  });

  test('a histogram needs edges that fit', () => {
    expect(histogram({ _type: 'histogram', values: [1, 2], bins: [0, 1, 2] })?.edges).toEqual([
      0, 1, 2,
    ]);
    expect(histogram({ _type: 'histogram', values: [1, 2], bins: [0, 1] })).toBeNull();
    expect(histogram({ _type: 'histogram', values: ['x'], bins: [0, 1] })).toBeNull();
    const packed = {
      _type: 'histogram',
      values: [1, 2],
      packedBins: { min: 1, size: 0.5, count: 2 },
    };
    expect(histogram(packed)?.edges).toEqual([1, 1.5, 2]);
  });

  test('a heat map loses nothing of a histogram', () => {
    const counts = fc.array(fc.nat({ max: 99 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(counts, fc.integer({ min: 2, max: 60 }), (all, bins) => {
        const edges = Array.from({ length: all.length + 1 }, (_, i) => i * 0.7 - 3);
        const { cells } = heat([{ step: 0, found: { counts: all, edges } }], bins);
        const total = cells[0].reduce((sum, each) => sum + each, 0);
        expect(total).toBeCloseTo(all.some((n) => n > 0) ? 1 : 0, 6);
      }),
    );
  });

  test('a step shows the newest value at or before it', () => {
    const rows = [0, 10, 20].map((step) => ({ step, at: step, value: step }));
    expect(at(rows, 15)?.step).toBe(10);
    expect(at(rows, -1)).toBeNull();
    expect(stepsOf([rows, [{ step: 5, at: 5, value: 0 }]])).toEqual([0, 5, 10, 20]);
  });

  test('runs that logged nothing are left out, and none is out of order', () => {
    const found = [
      { run: 2, key: 'k', total: 9, rows: [[3, 30, 'c']] as [number, number, Json][] },
      { run: 7, key: 'k', total: 1, rows: [] },
    ];
    const told = loggedBy([{ key: 7 }, { key: 1 }, { key: 2 }], found);
    expect(told.map(({ run, total }) => [run.key, total])).toEqual([
      [7, 1],
      [2, 9],
    ]);
    expect(told[1].rows).toEqual([{ step: 3, at: 30, value: 'c' }]);
  });

  test('a file that is no table says so', () => {
    expect(() => table('[]')).toThrow('no table');
    expect(table('{"columns":["a"],"data":[[1],2]}').rows).toEqual([[1]]);
  });
});
