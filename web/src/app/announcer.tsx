// Says politely what newly needs a person, for those who do not see it. Never more often than all 10 s.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { paced } from '@/data/news';
import { attention } from '@/data/queries';
import { type Heard, newcomers, spoken } from '@/lib/announce';
import { BADGES, causeWords, shownState } from '@/lib/states';

const ANNOUNCED_MS = 10_000;

export function Announcer() {
  const found = useQuery(attention).data;
  const [words, say] = useState('');
  const before = useRef<ReadonlySet<string> | null>(null);
  const waiting = useRef<Heard[]>([]);
  const tell = useRef(
    paced(ANNOUNCED_MS, () => {
      say(spoken(waiting.current));
      waiting.current = [];
    }),
  );
  useEffect(() => {
    if (!found) return;
    const now: Heard[] = [
      ...found.decide.map(({ run, kind, why }) => ({
        key: `${run.key} ${kind}`,
        words: `${run.name || run.id}: ${why}`,
      })),
      ...found.ended.flatMap((group) =>
        group.runs.map((run) => ({
          key: `${run.key} ${run.state} ${run.since}`,
          words: `${run.name || run.id} ${BADGES[shownState(run.state, '')].word.toLowerCase()}: ${causeWords(group.cause)}`,
        })),
      ),
    ];
    const news = newcomers(before.current, now);
    before.current = new Set(now.map((each) => each.key));
    if (news.length === 0) return;
    waiting.current.push(...news);
    tell.current();
  }, [found]);
  return (
    <p className="unseen" role="status" aria-label="News">
      {words}
    </p>
  );
}
