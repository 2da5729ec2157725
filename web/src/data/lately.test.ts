import { expect, test } from 'vitest';
import { Lately } from './lately';
import { Live, type News } from './live';

const news = (run: number) => ({ entity: 'e', project: 'p', run, topics: ['state'] });
const message = (event: string, body: object) => ({ event, id: '1', data: JSON.stringify(body) });

test('what was told since is known as far back as the greeting reaches', () => {
  let now = 10_000;
  const lately = new Lately(() => now);
  expect(lately.within(0)).toBeNull();
  const recent = [
    { ...news(1), age_ms: 900 },
    { ...news(2), age_ms: 100 },
  ];
  lately.take(message('hello', { recent, recent_ms: 1_000 }));
  expect(lately.within(1_001)).toBeNull();
  expect(lately.within(1_000)?.map((each) => each.run)).toEqual([1, 2]);
  expect(lately.within(500)).toEqual([news(2)]);
  now += 400;
  lately.take(message('sweep', { entity: 'e', project: 'p', sweep: 's', topics: ['status'] }));
  expect(lately.within(450)?.map((each) => [each.run, each.sweep])).toEqual([[0, 's']]);
  // Another page goes on from there.
  const other = new Lately(() => now);
  other.greeted(lately.told());
  expect(other.within(1_400)?.map((each) => each.run)).toEqual([1, 2, 0]);
  expect(other.within(1_401)).toBeNull();
  // A server of before says nothing of it, and another connection begins anew.
  lately.take(message('hello', {}));
  expect(lately.within(1)).toBeNull();
});

test('of too many the newest are kept, and it is known since when', () => {
  let now = 0;
  const lately = new Lately(() => now);
  lately.greeted({ recent: [], recent_ms: 5_000 });
  for (now = 1; now <= 502; now += 1) lately.take(message('run', news(now)));
  now = 502;
  expect(lately.within(500)).toHaveLength(500);
  expect(lately.within(501)).toBeNull();
});

test('a page that listens late asks again only for what has changed meanwhile', () => {
  const heard = (age: number): (News | 'everything')[] => {
    const found: (News | 'everything')[] = [];
    const live = new Live(
      () => 50_000,
      () => age,
    );
    live.listen((each) => found.push(each));
    const recent = [
      { ...news(1), age_ms: 3_000 },
      { ...news(2), age_ms: 200 },
    ];
    // biome-ignore lint/complexity/useLiteralKeys: as the stream does it
    live['message'](message('hello', { recent, recent_ms: 9_000 }));
    // biome-ignore lint/complexity/useLiteralKeys: as the stream does it
    live['phase']('live');
    return found;
  };
  expect(heard(400)).toEqual([news(2)]);
  expect(heard(100)).toEqual([]);
  expect(heard(10_000)).toEqual(['everything']);
});
