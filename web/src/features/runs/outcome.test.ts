import { afterEach, expect, test, vi } from 'vitest';
import { bulk } from '@/data/actions';
import { outcome } from './outcome';

/** A server that does as it is told in so many parts, and then breaks. */
function serve(parts: number): number[][] {
  const asked: number[][] = [];
  vi.stubGlobal('fetch', async (_: string, { body }: { body: string }) => {
    const { keys } = JSON.parse(body) as { keys: number[] };
    asked.push(keys);
    if (asked.length > parts) return new Response('busy', { status: 503 });
    return Response.json({ done: keys.slice(1), refused: { [keys[0]]: 'it runs' } });
  });
  return asked;
}

const keys = Array.from({ length: 600 }, (_, i) => i + 1);

afterEach(() => vi.unstubAllGlobals());

test('a part that fails keeps what was done, and the rest is told and can be tried again', async () => {
  const asked = serve(2);
  const result = await bulk({ keys, action: 'delete' });
  expect(asked).toHaveLength(3);
  expect(result.done).toHaveLength(498);
  expect(result.rest).toEqual(keys.slice(500));
  expect(Object.keys(result.refused)).toHaveLength(102);
  expect(outcome({ action: 'delete' }, { done: [1, 2], refused: { 3: 'the server sleeps' } })).toBe(
    '2 of 3 deleted; 1 not: the server sleeps',
  );
});

test('nothing is told as done where the first part fails', async () => {
  serve(0);
  await expect(bulk({ keys, action: 'delete' })).rejects.toThrow('503');
});

test('where all was done there is nothing to try again', async () => {
  serve(3);
  expect((await bulk({ keys, action: 'stop' })).rest).toEqual([]);
  const moved = outcome({ action: 'move', entity: 'lab', project: 'b' }, { done: [1, 2] });
  expect(moved).toBe('2 moved to lab/b');
});
