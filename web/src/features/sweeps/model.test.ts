import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, SweepView, TrialView } from '@/data/records';
import { lanesOf } from './lanes';
import {
  bestTrial,
  dimensions,
  earlyWords,
  failures,
  failureWords,
  progress,
  shortNames,
  strengths,
  targetMet,
  timeLeft,
  windowOf,
} from './model';
import { bestSoFar, picture } from './picture';
import { csv, readSort, sortTrials, writeSort } from './rows';

function trial(number: number, own: Partial<TrialView> = {}): TrialView {
  return {
    number,
    run: number + 100,
    run_id: `r${number}`,
    name: `calm-${number}`,
    args: {},
    stage: 'ended',
    agent: 'a1',
    handouts: 1,
    state: 'finished',
    cause: 'finished',
    sentence: '',
    value: null,
    best_so_far: null,
    created_at: number * 1_000,
    ended_at: number * 1_000 + 500,
    prior: false,
    ...own,
  };
}

const SWEEP = {
  status: 'running',
  made: 10,
  planned: 20,
  agents_live: 2,
  metric: 'loss',
  goal: 'minimize',
  target: null,
  best: null,
  states: { finished: 6, running: 2, failed: 2 },
} as unknown as SweepView;

const STATES = ['finished', 'failed', 'crashed', 'killed', 'preempted', 'running'];
const CAUSES = ['exception', 'out_of_memory', 'early_stopping', 'sweep_cancelled', 'signal'];
const value = fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { nil: null });
const trials = fc
  .array(
    fc.record({
      state: fc.constantFrom(...STATES),
      cause: fc.constantFrom(...CAUSES),
      value,
      begun: fc.nat(10_000),
      length: fc.nat(5_000),
      agent: fc.constantFrom('a1', 'a2', ''),
      lr: fc.oneof(fc.double({ min: 1e-6, max: 1, noNaN: true }), fc.constantFrom('x', 'y')),
    }),
    { maxLength: 60 },
  )
  .map((all) =>
    all.map((each, i) =>
      trial(i, {
        ...each,
        args: { lr: each.lr },
        created_at: each.begun,
        ended_at: each.begun + each.length,
      }),
    ),
  );

describe('failures', () => {
  test('are every bad end that nobody wanted, each once', () => {
    fc.assert(
      fc.property(trials, (all) => {
        const bad = ['failed', 'crashed', 'killed', 'preempted'];
        const wanted = ['early_stopping', 'sweep_cancelled'];
        const counted = failures(all).flatMap((group) => group.trials.map((each) => each.number));
        const meant = all
          .filter((each) => bad.includes(each.state) && !wanted.includes(each.cause))
          .map((each) => each.number);
        expect(counted.sort((a, b) => a - b)).toEqual(meant);
      }),
    );
  });

  test('are told with the commonest cause first', () => {
    const all = [1, 2, 3].map((n) => trial(n, { state: 'crashed', cause: 'out_of_memory' }));
    const one = trial(4, { state: 'failed', cause: 'exception' });
    expect(failureWords(failures([one, ...all]))).toBe(
      '4 trials ended badly: 3 out of memory, 1 exception',
    );
    expect(failureWords([])).toBe('');
  });
});

describe('progress', () => {
  test('shows every run once, and what is not made yet', () => {
    const { segments, left } = progress(SWEEP);
    expect(segments).toEqual([
      { state: 'finished', n: 6 },
      { state: 'running', n: 2 },
      { state: 'failed', n: 2 },
    ]);
    expect(left).toBe(10);
    expect(progress({ ...SWEEP, planned: null }).left).toBeNull();
  });

  test('the pace is that of the newest ends, and unknown without agents', () => {
    const all = Array.from({ length: 10 }, (_, i) => trial(i, { ended_at: i * 60_000 }));
    expect(timeLeft(SWEEP, all)).toBe(600_000);
    expect(timeLeft({ ...SWEEP, agents_live: 0 }, all)).toBeNull();
    expect(timeLeft({ ...SWEEP, status: 'paused' }, all)).toBeNull();
    expect(timeLeft(SWEEP, all.slice(0, 2))).toBeNull();
  });

  test('a target is met from its own side', () => {
    const best = { run: 'r', name: 'r', value: 0.5, args: {} };
    expect(targetMet({ ...SWEEP, best, target: 0.6 })).toBe(true);
    expect(targetMet({ ...SWEEP, best, target: 0.6, goal: 'maximize' })).toBe(false);
    expect(targetMet({ ...SWEEP, best })).toBeNull();
  });
});

describe('the best', () => {
  test('so far only gets better, and ends at the best finished trial', () => {
    fc.assert(
      fc.property(trials, fc.constantFrom(-1, 1), (all, toward) => {
        const corners = bestSoFar(all, toward, (each) => each.number);
        for (let i = 1; i < corners.length; i += 1) {
          expect(corners[i].x).toBeGreaterThan(corners[i - 1].x);
          expect(Math.sign(corners[i].y - corners[i - 1].y)).toBe(toward);
        }
        expect(corners.at(-1)?.y ?? null).toBe(bestTrial(all, toward)?.value ?? null);
      }),
    );
  });

  test('is the strongest line, and ranks count, not sizes', () => {
    expect(strengths([1, 2, 1e9], -1)).toEqual([1, 0.5, 0]);
    expect(strengths([1, null, 3], 1)).toEqual([0, 0, 1]);
    expect(strengths([2, 2], 1)).toEqual([0, 0]);
  });

  test('stays in view whatever diverged', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e12, max: 1e12, noNaN: true }), { minLength: 1 }),
        fc.constantFrom(-1, 1),
        (values, toward) => {
          const found = windowOf(values, toward);
          const best = toward > 0 ? Math.max(...values) : Math.min(...values);
          expect(found && found.low <= best && best <= found.high).toBe(true);
          const out = values.filter((v) => v < (found?.low ?? 0) || v > (found?.high ?? 0));
          expect(found?.beyond).toBe(out.length);
          expect(out.length).toBeLessThanOrEqual(values.length * 0.1 + 1);
        },
      ),
    );
  });

  test('one diverged trial does not flatten the others', () => {
    const values = [...Array.from({ length: 20 }, (_, i) => -1 - i / 20), 1e6];
    expect(windowOf(values, -1)).toMatchObject({ beyond: 1 });
    expect(windowOf(values, -1)?.high).toBeLessThan(1);
  });
});

describe('axes of parameters', () => {
  const made = (own: Record<string, Json>) => dimensions([{ name: 'p', values: [], ...own }])[0];

  test('are in decades where values are drawn in decades', () => {
    const numbers = { min: 1e-5, max: 1e-2 };
    expect(made({ distribution: 'log_uniform_values', numbers }).wish).toEqual({
      log: true,
      span: [1e-5, 1e-2],
    });
    const exponents = made({ distribution: 'log_uniform', numbers: { min: -2, max: 0 } });
    expect(exponents.wish.span?.[0]).toBeCloseTo(Math.exp(-2));
    expect(exponents.wish.span?.[1]).toBe(1);
    const inverse = made({ distribution: 'inv_log_uniform', numbers: { min: 1, max: 2 } });
    expect(inverse.wish.span?.[0]).toBeCloseTo(Math.exp(-2));
    expect(
      made({ distribution: 'normal', numbers: { mu: 0, sigma: 1 } }).wish.span,
    ).toBeUndefined();
  });

  test('keep choices in their order, and tell what is fixed', () => {
    expect(made({ distribution: 'categorical', values: [64, 8] }).wish.choices).toEqual([64, 8]);
    expect(made({ distribution: 'constant', values: [1] }).fixed).toBe(true);
    const many = Array.from({ length: 40 }, (_, i) => i);
    expect(made({ distribution: 'categorical', values: many }).wish.choices).toBeUndefined();
  });

  test('every valued trial is one line, with a place on each axis that it has', () => {
    fc.assert(
      fc.property(trials, (all) => {
        const [dimension] = [made({ name: 'lr', distribution: 'uniform' })];
        const { lines, names } = picture(all, [dimension], 'loss', -1);
        const valued = all.filter((each) => each.value !== null);
        expect(lines.map((each) => each.id)).toEqual(
          (valued.length ? valued : all).map((each) => each.number),
        );
        expect(names).toEqual(valued.length ? ['lr', 'loss'] : ['lr']);
        for (const each of lines)
          for (const at of Array.from(each.at)) expect(at >= 0 && at <= 1).toBe(true);
      }),
    );
  });
});

describe('the trials table', () => {
  test('sorts without losing any, what has no value last both ways', () => {
    fc.assert(
      fc.property(trials, fc.constantFrom('value', 'arg.lr', '#', 'state'), (all, key) => {
        for (const down of [false, true]) {
          const sorted = sortTrials(all, { key, down });
          expect(new Set(sorted)).toEqual(new Set(all));
          if (key !== 'value') continue;
          const values = sorted.map((each) => each.value);
          const first = values.indexOf(null);
          if (first >= 0) expect(values.slice(first).every((each) => each === null)).toBe(true);
          const known = values.filter((each) => each !== null);
          expect(known).toEqual([...known].sort((a, b) => (down ? b - a : a - b)));
        }
      }),
    );
  });

  test('a second press turns the order round', () => {
    const once = readSort(writeSort(readSort(undefined), 'value'));
    expect(once).toEqual({ key: 'value', down: true });
    expect(readSort(writeSort(once, 'value'))).toEqual({ key: 'value', down: false });
  });

  test('a cell of the CSV is never a formula', () => {
    const text = csv([trial(1, { name: '=1+1,"x"', args: { a: '@x', b: -1 } })], ['a', 'b'], 'm');
    expect(text.split('\r\n')[1]).toBe(`1,r1,"'=1+1,""x""",finished,finished,,'@x,-1`);
  });
});

describe('lanes', () => {
  test('hold every trial once, and no bar covers another', () => {
    fc.assert(
      fc.property(trials, (all) => {
        const lanes = lanesOf(all, [], 20_000);
        expect(lanes.reduce((sum, lane) => sum + lane.bars.length, 0)).toBe(all.length);
        for (const lane of lanes) {
          for (const a of lane.bars)
            for (const b of lane.bars)
              if (a !== b && a.row === b.row && a.trial.created_at <= b.trial.created_at)
                expect(a.to).toBeLessThanOrEqual(b.trial.created_at);
        }
      }),
    );
  });
});

describe('long names', () => {
  test('lose what all of them share, and stay apart', () => {
    expect(shortNames(['encoder.layers.0.rate', 'encoder.layers.1.rate'])).toEqual(['…0…', '…1…']);
    expect(shortNames(['lr', 'model.width'])).toEqual(['lr', 'model.width']);
    const word = fc.stringMatching(/^[a-c]{1,4}(\.[a-c]{1,4}){0,4}$/);
    fc.assert(
      fc.property(fc.uniqueArray(word, { minLength: 1 }), (names) => {
        expect(new Set(shortNames(names)).size).toBe(names.length);
      }),
    );
  });
});

describe('early stopping', () => {
  test('is told with the rows after which trials are looked at', () => {
    expect(earlyWords({})).toBe('');
    expect(earlyWords({ early_terminate: { type: 'hyperband', min_iter: 3 } })).toContain(
      'after 3, 9, 27, 81, 243, … rows',
    );
    expect(
      earlyWords({ early_terminate: { type: 'hyperband', max_iter: 27, s: 2, eta: 3 } }),
    ).toContain('after 3, 9 rows');
    expect(earlyWords({ early_terminate: { type: 'median', min_iter: 10 } })).toContain(
      'after 10, 20',
    );
  });
});
