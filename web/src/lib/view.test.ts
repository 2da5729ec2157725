import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { STATES } from './states';
import {
  FIRST_VIEW,
  type OwnSettings,
  PINNED_MAX,
  readView,
  SPREADS,
  type View,
  withView,
  writeView,
} from './view';

const number = fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((n) => (n === 0 ? 0 : n));
const range = fc
  .tuple(number, number)
  .filter(([a, b]) => a < b)
  .map(([a, b]): [number, number] => [a, b]);
const smoothing = fc.record({
  kind: fc.constantFrom('ema' as const, 'gaussian' as const, 'mean' as const),
  amount: fc.double({ min: 0.01, max: 1, noNaN: true }),
});
const words = fc
  .string({ minLength: 1, maxLength: 12, unit: 'binary' })
  .filter((s) => s.trim() !== '');
const own = fc
  .record<OwnSettings>(
    {
      yLog: fc.boolean(),
      clip: fc.boolean(),
      smoothing: fc.oneof(smoothing, fc.constant({ kind: 'none' as const, amount: 0 })),
      y: range,
      marks: fc.array(number, { minLength: 1, maxLength: 4 }),
    },
    { requiredKeys: [] },
  )
  .filter((each) => Object.keys(each).length > 0);

const views: fc.Arbitrary<View> = fc.record({
  query: fc.string({ unit: 'binary' }),
  states: fc.uniqueArray(fc.constantFrom(...STATES)),
  order: words,
  group: fc.string({ unit: 'binary' }),
  columns: fc.option(fc.array(words, { maxLength: 6 })),
  drawn: fc.oneof(fc.constantFrom('all' as const, null), fc.array(fc.nat(), { maxLength: 6 })),
  x: words,
  smoothing: fc.oneof(smoothing, fc.constant(FIRST_VIEW.smoothing)),
  band: fc.boolean(),
  xLog: fc.boolean(),
  yLog: fc.boolean(),
  zoom: fc.option(range),
  find: fc.string({ unit: 'binary' }),
  open: fc.string({ unit: 'binary' }),
  join: fc.string({ unit: 'binary' }),
  spread: fc.constantFrom(...SPREADS),
  clip: fc.boolean(),
  pins: fc.array(words, { maxLength: 4 }),
  pinned: fc.uniqueArray(words, { maxLength: PINNED_MAX }),
  panels: fc.array(words, { maxLength: 4 }),
  own: fc.dictionary(words, own, { maxKeys: 4, noNullPrototype: true }),
});

describe('a view as an address', () => {
  test('comes back as it was', () => {
    fc.assert(
      fc.property(views, (view) => {
        const address = new URLSearchParams(writeView(view)).toString();
        expect(readView(Object.fromEntries(new URLSearchParams(address)))).toEqual(view);
      }),
    );
  });

  test('is empty for the first view', () => {
    expect(writeView(FIRST_VIEW)).toEqual({});
    expect(readView({})).toEqual(FIRST_VIEW);
  });

  test('never fails on what somebody typed', () => {
    const keys = ['f', 'st', 's', 'd', 'sm', 'z', 'o', 'pn', 'jb', 'pc', 'pr', 'q'];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), fc.string()), (search) => {
        const view = readView(search);
        expect(readView(writeView(view))).toEqual(view);
      }),
    );
  });

  test('leaves what is not its own', () => {
    expect(withView({ runs: 'a,b', f: 'x = 1' }, { query: '' })).toEqual({ runs: 'a,b' });
  });

  test('pins a run once, and no more runs than fit above a table', () => {
    const many = Array.from({ length: PINNED_MAX + 3 }, (_, n) => `r${n}`);
    const view = readView({ pr: ['r0', ...many].join(',') });
    expect(view.pinned).toEqual(many.slice(0, PINNED_MAX));
  });

  test.each(['5~1', '1', '1~', '~', 'a~b', '1~1', '1~Infinity'])('%s is no range', (said) => {
    expect(readView({ z: said }).zoom).toBeNull();
  });
});
