import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Band, Envelope } from '@/data/frames';
import type { RunView } from '@/data/records';
import { type ChartModel, type Line, nearest, xRange } from '@/draw/line';
import { outside, yRange } from '@/draw/range';
import { bandLine, best, lineOf, matcher, sections, trimmed } from './model';

const RUN = { key: 1, name: 'brave-fold', id: 'x', state: 'crashed' } as RunView;
const STYLE = { smoothing: { kind: 'none' as const, amount: 0 }, inks: new Map(), zoom: null };

function envelope(last: number[], odd: number[] = []): Envelope {
  const fine = last.map((value) => (Number.isFinite(value) ? value : Number.NaN));
  return {
    run: 1,
    key: 'loss',
    points: last.length,
    x: Float64Array.from(last, (_, i) => i),
    last: Float32Array.from(last),
    min: Float32Array.from(fine),
    max: Float32Array.from(fine),
    mean: Float32Array.from(fine),
    count: Uint32Array.from(last, () => 1),
    nan: Uint32Array.from(last, (value, i) => Number(Number.isNaN(value) || odd.includes(i))),
    inf: Uint32Array.from(last, (value) => Number(Math.abs(value) === Number.POSITIVE_INFINITY)),
  };
}

function model(line: ReturnType<typeof lineOf>, more: Partial<ChartModel> = {}): ChartModel {
  const plain = { xLog: false, yLog: false, band: true, zoom: null, limits: [] };
  return { lines: [line], x: 'number', ...plain, ...more };
}

const values = fc.oneof(
  { weight: 8, arbitrary: fc.float({ min: -1e6, max: 1e6, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity) },
);

describe('lines', () => {
  test('what is not finite is a mark and never moves the scale', () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 60 }), (last) => {
        const line = lineOf(envelope(last), RUN, STYLE);
        const odd = line.nanCount + line.infCount;
        expect(odd).toBe(last.filter((each) => !Number.isFinite(each)).length);
        expect(line.odd.length).toBe(odd);
        const range = yRange(model(line), xRange(model(line)));
        expect(range.every(Number.isFinite)).toBe(true);
        for (const value of last.filter(Number.isFinite)) {
          if (outside(model(line), xRange(model(line))).length > 0) break;
          expect(value).toBeGreaterThanOrEqual(range[0]);
          expect(value).toBeLessThanOrEqual(range[1]);
        }
      }),
    );
  });

  test('a metric that is all NaN has a scale, marks and no line', () => {
    const line = lineOf(envelope([Number.NaN, Number.NaN]), RUN, STYLE);
    expect([line.nanCount, line.infCount]).toEqual([2, 0]);
    expect(yRange(model(line), [0, 1])).toEqual([0, 1]);
  });

  test('a run that ended badly ends in its glyph', () => {
    expect(lineOf(envelope([1]), RUN, STYLE).end).toBe('crashed');
    expect(lineOf(envelope([1]), { ...RUN, state: 'finished' }, STYLE).end).toBeNull();
  });

  test('a group says of how many runs it is, and that there are more', () => {
    const { x, mean, min: low, max: high, count, points } = envelope([1, 2]);
    const columns = { x, mean, low, high, count, points, odd: 0 };
    const band: Band = {
      ...columns,
      group: 'a',
      key: 'k',
      members: 3,
      of: 4,
      counted: 9,
      total: 9,
    };
    const named = (more: Partial<Band>) =>
      bandLine({ ...band, ...more }, { hue: 1, dash: [] }, STYLE.smoothing).label;
    expect(named({})).toBe('a (3 of 4)');
    expect(named({ total: 20 })).toBe('a (3 of 4, newest 9 of 20 runs)');
  });

  test('a window keeps the neighbours of its edges, so that the line reaches them', () => {
    const line = lineOf(envelope([0, 1, 2, 3, 4, 5]), RUN, STYLE);
    expect([...trimmed(line, [2.5, 3.5]).x]).toEqual([2, 3, 4]);
    expect(trimmed(line, null)).toBe(line);
  });

  test('outliers may be left out of the scale, and a range may be asked for', () => {
    const spiky = Array.from({ length: 200 }, (_, i) => (i === 50 ? 1e6 : i / 200));
    const line = lineOf(envelope(spiky), RUN, STYLE);
    expect(yRange(model(line), [0, 199])[1]).toBeGreaterThan(1e6);
    expect(yRange(model(line, { clip: true }), [0, 199])[1]).toBeLessThan(2);
    expect(yRange(model(line, { y: [-1, 7] }), [0, 199])).toEqual([-1, 7]);
    expect(yRange(model(line, { y: [-1, 7], yLog: true }), [0, 199])[0]).toBeGreaterThan(0);
  });

  test('a run that diverged beyond all measure leaves room for the others, and that is said', () => {
    const last = Array.from({ length: 100 }, (_, i) => (i < 90 ? 1 / (i + 1) : 10 ** (3 * i)));
    const wild = model(lineOf(envelope(last), RUN, STYLE));
    wild.lines[0].y[99] = 5e292;
    expect(yRange(wild, [0, 99])[1]).toBeLessThan(2);
    expect(outside(wild, [0, 99])).toEqual(wild.lines);
    expect(outside({ ...wild, y: [0, 1] }, [0, 99])).toEqual([]);
    expect(yRange({ ...wild, whole: true }, [0, 99])[1]).toBeGreaterThan(1e292);
    expect(outside(model(lineOf(envelope([1, 2, 3, 1e6]), RUN, STYLE)), [0, 3])).toEqual([]);
  });

  describe('a run that diverged beside others', () => {
    const well = { ...RUN, state: 'finished' };
    const calm = (n: number) =>
      lineOf(envelope(Array.from({ length: 40 }, (_, i) => 2 / (i + 1) + n / 10)), well, STYLE);
    const many = (...more: Line[]) => ({ ...model(calm(1)), lines: [calm(1), calm(2), ...more] });
    const top = (chart: ChartModel) => yRange(chart, [0, 39])[1];

    test('is outside, is told, and can be brought in', () => {
      const steep = lineOf(envelope(Array.from({ length: 40 }, (_, i) => 1.3 ** i)), well, STYLE);
      const chart = many(steep);
      expect(top(chart)).toBeLessThan(3);
      expect(outside(chart, [0, 39])).toEqual([steep]);
      expect(top({ ...chart, whole: true })).toBeGreaterThan(20_000);
      // What is seen of it decides, not what lies beyond the window.
      expect(outside(chart, [0, 3])).toEqual([]);
    });

    test('is outside from its first point on only if it ended badly', () => {
      const far = Array.from({ length: 7 }, () => 32);
      expect(top(many(lineOf(envelope(far), RUN, STYLE)))).toBeLessThan(3);
      expect(top(many(lineOf(envelope(far), well, STYLE)))).toBeGreaterThan(32);
    });

    test('is not one that has a spike, or comes down, or half of them', () => {
      const spiky = Array.from({ length: 40 }, (_, i) => (i === 9 ? 300 : 1));
      expect(top(many(lineOf(envelope(spiky), RUN, STYLE)))).toBeGreaterThan(300);
      const decay = Array.from({ length: 40 }, (_, i) => 300 * (1 - i / 39));
      expect(top(many(lineOf(envelope(decay), RUN, STYLE)))).toBeGreaterThan(300);
      const steep = () =>
        lineOf(envelope(Array.from({ length: 40 }, (_, i) => 1.3 ** i)), well, STYLE);
      expect(top(many(steep(), steep(), steep()))).toBeGreaterThan(20_000);
    });
  });

  test('the best value is told with the run that reached it, and how that ended', () => {
    const well = { ...RUN, name: 'calm', state: 'finished' };
    const lines = [lineOf(envelope([3, 1]), RUN, STYLE), lineOf(envelope([4, 2]), well, STYLE)];
    expect(best(lines, 'loss')).toEqual({ word: 'min', value: 1, of: 'brave-fold, crashed' });
    expect(best(lines, 'accuracy')).toEqual({ word: 'max', value: 4, of: 'calm' });
    expect(best([lineOf(envelope([Number.NaN]), RUN, STYLE)], 'loss')).toBeNull();
  });

  test('the nearest point is the nearest', () => {
    const xs = fc
      .uniqueArray(fc.integer(), { minLength: 1 })
      .map((all) => all.sort((a, b) => a - b));
    fc.assert(
      fc.property(xs, fc.integer(), (all, x) => {
        const found = Math.abs(all[nearest(all, x)] - x);
        expect(found).toBe(Math.min(...all.map((each) => Math.abs(each - x))));
      }),
    );
  });
});

describe('sections', () => {
  test('hold every key once, numbers before pictures', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 30 }), (keys) => {
        const found = sections(keys, '').flatMap((each) => (each.folded ? [] : each.keys));
        const shown = keys.filter((key) => !/(^|[./])_/.test(key));
        expect(found.toSorted()).toEqual(shown.toSorted());
      }),
    );
    expect(sections(['_runtime', 't._path'], '_').flatMap((each) => each.keys)).toHaveLength(2);
    expect(sections(['_runtime', 'loss', 't/_path'], '').at(-1)).toEqual({
      name: 'internal',
      keys: ['_runtime', 't/_path'],
      folded: true,
    });
    const found = sections(['a/picture', 'b/loss'], '', (key) => key === 'b/loss');
    expect(found.map((each) => each.name)).toEqual(['b', 'a']);
  });

  test('gather what is alone, but for a key that names its section', () => {
    const keys = ['cpu.percent', 'disk.percent', 'gpu.0', 'gpu.1', 'val/acc'];
    expect(sections(keys, '')).toEqual([
      { name: 'charts', keys: ['cpu.percent', 'disk.percent'] },
      { name: 'gpu', keys: ['gpu.0', 'gpu.1'] },
      { name: 'val', keys: ['val/acc'] },
    ]);
  });

  test('are found by a pattern, and by text where it is none', () => {
    expect(sections(['train/loss', 'val/acc'], '^val').map((each) => each.name)).toEqual(['val']);
    expect(matcher('a(')('x a( y')).toBe(true);
  });
});
