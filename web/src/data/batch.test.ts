import { afterEach, expect, test, vi } from 'vitest';
import { envelopes, LINES_MAX } from './batch';
import type { WindowQuery } from './records';

const asked: WindowQuery[] = [];

/** A server with points for the keys it knows, that refuses whatever holds another. */
function serve(...known: string[]): void {
  asked.length = 0;
  vi.stubGlobal('fetch', async (_: string, { body }: { body: string }) => {
    const query = JSON.parse(body) as WindowQuery;
    asked.push(query);
    if (!query.keys.every((key) => known.includes(key)))
      return Response.json({ error: 'no such axis', code: 'unprocessable' }, { status: 422 });
    return new Response(
      frame(query.runs.flatMap((run) => query.keys.map((key) => ({ run, key })))),
    );
  });
}

function frame(series: { run: number; key: string }[]): ArrayBuffer {
  const heads = series.map((each) => ({ ...each, points: 0, columns: { x: ['f64', 0, 0] } }));
  const header = new TextEncoder().encode(JSON.stringify({ series: heads }));
  const whole = new Uint8Array(Math.ceil((4 + header.length) / 8) * 8);
  new DataView(whole.buffer).setUint32(0, header.length, true);
  whole.set(header, 4);
  return whole.buffer;
}

const chart = (key: string, runs = [1, 2], signal = new AbortController().signal) =>
  envelopes({ runs, keys: [key], x: '_step', width: 300 }, false, signal);

afterEach(() => vi.unstubAllGlobals());

test('charts asked for together are one request, and each gets its own lines', async () => {
  serve('loss', 'acc');
  const [loss, acc] = await Promise.all([chart('loss'), chart('acc')]);
  expect(asked.map((query) => query.keys)).toEqual([['loss', 'acc']]);
  expect(loss.map(({ run, key }) => [run, key])).toEqual([
    [1, 'loss'],
    [2, 'loss'],
  ]);
  expect(acc.every(({ key }) => key === 'acc')).toBe(true);
});

test('many runs are asked for in several requests of few lines', async () => {
  serve('a', 'b', 'c', 'd');
  const runs = Array.from({ length: 24 }, (_, n) => n);
  await Promise.all(['a', 'b', 'c'].map((key) => chart(key, runs)));
  expect(asked.map((query) => query.keys)).toEqual([['a', 'b'], ['c']]);
  expect(asked[0].runs.length * asked[0].keys.length).toBe(LINES_MAX);
});

test('what is refused to one chart is not kept from its neighbours', async () => {
  serve('loss');
  const [loss, bad] = await Promise.allSettled([chart('loss'), chart('bad')]);
  expect(loss.status).toBe('fulfilled');
  expect(bad).toMatchObject({ status: 'rejected', reason: { status: 422 } });
});

test('a chart that left before it was asked for is not asked for', async () => {
  serve('loss', 'gone');
  const stop = new AbortController();
  void chart('gone', [1, 2], stop.signal);
  const loss = chart('loss');
  stop.abort();
  await loss;
  expect(asked.map((query) => query.keys)).toEqual([['loss']]);
});
