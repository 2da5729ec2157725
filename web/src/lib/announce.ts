// What is said aloud of news that needs a person. Never more than a few words at a time.
const NAMED_MAX = 3;

export interface Heard {
  key: string;
  words: string;
}

/** Those that were not there before; nothing of what a page found when it opened. */
export function newcomers(before: ReadonlySet<string> | null, now: readonly Heard[]): Heard[] {
  return before === null ? [] : now.filter((each) => !before.has(each.key));
}

/** One sentence for all that came together. */
export function spoken(news: readonly Heard[]): string {
  const named = news.slice(0, NAMED_MAX).map((each) => each.words);
  const more = news.length - named.length;
  if (more > 0) named.push(`and ${more} more ${more === 1 ? 'run needs' : 'runs need'} you`);
  return named.join('; ');
}
