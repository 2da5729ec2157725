// News from the live stream to what is asked again: state at once, figures at leisure.
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import type { Live, News } from './live';
import { pathOf, TRIALS_PAGE } from './queries';
import type { HostDetail, HostRun, TrialPage } from './records';

const SOON_MS = 300;
const LATER_MS = 2_500;
/** A list of sweeps counts all their runs: it follows, but not every one of them. */
const LISTS_MS = 4_000;

/** Runs an action at once and then at most once in a while; the last call is never lost. */
export function paced(
  ms: number,
  action: () => void,
  now: () => number = () => performance.now(),
): () => void {
  let last = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | null = null;
  const go = () => {
    timer = null;
    last = now();
    action();
  };
  return () => {
    if (timer !== null) return;
    const wait = last + ms - now();
    if (wait <= 0) go();
    else timer = setTimeout(go, wait);
  };
}

class Desk {
  private readonly soon = new Map<string, News>();
  private readonly later = new Map<string, News>();
  private readonly flushSoon: () => void;
  private readonly flushLater: () => void;
  private readonly lists = new Set<string>();
  private readonly flushLists: () => void;

  constructor(private readonly cache: QueryClient) {
    this.flushSoon = paced(SOON_MS, () => this.flush(this.soon, true));
    this.flushLater = paced(LATER_MS, () => this.flush(this.later, false));
    this.flushLists = paced(LISTS_MS, () => this.followLists());
  }

  take(news: News | 'everything'): void {
    if (news === 'everything') {
      void this.cache.invalidateQueries();
      return;
    }
    if (news.sweep !== undefined || news.topics.includes('state')) {
      this.lists.add(JSON.stringify(['sweeps', news.entity, news.project]));
      this.flushLists();
    }
    if (news.sweep !== undefined) {
      this.soon.set(`${news.entity}/${news.project} sweep ${news.sweep} ${news.topics}`, news);
      this.flushSoon();
      return;
    }
    if (news.topics.includes('state')) {
      this.soon.set(`${news.entity}/${news.project}/${news.run}`, news);
      this.flushSoon();
    }
    if (news.topics.some((topic) => topic !== 'state')) {
      const name = `${news.entity}/${news.project}/${news.run}`;
      const before = this.later.get(name);
      this.later.set(name, {
        ...news,
        topics: [...new Set([...(before?.topics ?? []), ...news.topics])],
      });
      this.flushLater();
    }
  }

  private followLists(): void {
    const changed = new Set(this.lists);
    this.lists.clear();
    void this.cache.invalidateQueries({
      predicate: ({ queryKey }) => changed.has(JSON.stringify(queryKey)),
    });
  }

  private flush(waiting: Map<string, News>, state: boolean): void {
    const all = [...waiting.values()];
    waiting.clear();
    void this.cache.invalidateQueries({
      predicate: ({ queryKey, state: { data } }) =>
        all.some((news) => concerns(queryKey, news, state, data)),
    });
  }
}

/** Whether an answer may have changed by this news. */
export function concerns(key: QueryKey, news: News, state: boolean, data?: unknown): boolean {
  switch (key[0]) {
    case 'sweep':
      return ofSweep(key, news, state, data);
    case 'projects':
    case 'attention':
      return state && news.sweep === undefined;
    case 'project':
      return state && counted(news) && key[1] === news.entity && key[2] === news.project;
    case 'host':
      return state && ((data as HostDetail | undefined)?.live ?? []).some(isOf(news));
    case 'group':
      return state && news.sweep === undefined && key[1] === news.entity && key[2] === news.project;
    case 'runs':
      if (news.sweep !== undefined) return false;
      return (
        (key[1] === '' || key[1] === news.entity) && (key[2] === '' || key[2] === news.project)
      );
    case 'window':
    case 'keys':
    case 'objects':
      return (
        news.topics.includes('series') && (key[1] as { runs: number[] }).runs.includes(news.run)
      );
    case 'run':
      return ofRun(key, news, state);
    default:
      return false;
  }
}

function isOf(news: News): (each: HostRun) => boolean {
  return (each) => each.run.key === news.run;
}

/** Whether the runs or sweeps of a project may be others now, or be shown as others. */
function counted(news: News): boolean {
  return news.sweep === undefined || news.topics.includes('status');
}

/** A page of trials changes by its runs, and while it is not full by new trials. */
function ofSweep(key: QueryKey, news: News, state: boolean, data: unknown): boolean {
  if (key[1] !== news.entity || key[2] !== news.project) return false;
  if (news.sweep !== undefined && news.sweep !== key[3]) return false;
  if (key[4] === 'importance') return false;
  if (key[4] !== 'trials') return state;
  const page = data as TrialPage | undefined;
  if (!page) return false;
  if (news.sweep === undefined) return page.trials.some((each) => each.run === news.run);
  return (
    news.topics.includes('trials') &&
    Number(key[5]) >= 0 &&
    (page.trials.length < TRIALS_PAGE || page.trials.some((each) => each.stage !== 'ended'))
  );
}

function ofRun(key: QueryKey, news: News, state: boolean): boolean {
  const path = pathOf(news.run);
  if (!path || key[1] !== path.entity || key[2] !== path.project || key[3] !== path.id)
    return false;
  switch (key[4]) {
    case 'detail':
      return state || news.topics.includes('series');
    case 'ledger':
    case 'attempts':
      return state;
    case 'keys':
      return news.topics.includes('series');
    case 'console':
      return news.topics.includes('console') && key[5] === 'last';
    case 'files':
      return news.topics.includes('files');
    default:
      return false;
  }
}

/** From now on what is on screen follows the news. */
export function follow(live: Live, cache: QueryClient): () => void {
  const desk = new Desk(cache);
  return live.listen((news) => desk.take(news));
}
