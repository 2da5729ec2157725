import { expect, test } from 'vitest';
import type { LedgerEntry } from '@/data/records';
import { facts, lanes } from './model';

function entry(after: string, at: number, happened?: number): LedgerEntry {
  const evidence = happened === undefined ? {} : { happened_at: happened };
  return { after, at, evidence, attempt: 1, cause: '', confidence: 'proven' } as LedgerEntry;
}

test('a run that was told late is drawn over the time of its life', () => {
  const [lane] = lanes([entry('running', 9_000, 1_000), entry('failed', 9_000, 5_000)], 10_000);
  expect(lane.stretches).toMatchObject([{ from: 1_000, to: 5_000 }]);
  expect(lane.end?.at).toBe(5_000);
});

test('a run that was told at once is drawn as the server heard of it', () => {
  const [lane] = lanes([entry('running', 1_000), entry('failed', 2_000)], 10_000);
  expect(lane.stretches).toMatchObject([{ from: 1_000, to: 2_000 }]);
});

test('what a process ended with is its witness to tell, not the user who asked it to stop', () => {
  const evidence = { source: 'zombie', signal: 'SIGINT', exception: 'KeyboardInterrupt' };
  const asked = { ...entry('killed', 1), by: 'user root', reason: 'too slow', evidence };
  expect(facts(asked).map(({ name, source }) => [name, source])).toEqual([
    ['Exit status', "the kernel's record of the ended process"],
    ['Exception', 'the program itself'],
    ['Reason', 'user root'],
  ]);
});
