// Which known words are nearest to a mistyped one. Pure.

/** How many letters must be put in, taken out, changed or swapped. */
export function distance(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, i) => i)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    [before, last] = [last, row];
  }
  return last[b.length];
}

/** Who is that much farther than the nearest is not meant. */
const FARTHER_MAX = 2;

/** The nearest first, as long as half of the letters are right or one word holds the other. */
export function nearest<T>(
  typed: string,
  all: readonly T[],
  words: (each: T) => readonly string[],
  most: number,
): T[] {
  const low = typed.toLowerCase();
  const off = (word: string) => {
    const other = word.toLowerCase();
    if (low.length > 2 && (other.includes(low) || low.includes(other))) return 1;
    const longest = Math.max(low.length, other.length);
    const far = distance(low, other);
    return far * 2 <= longest ? far : Number.POSITIVE_INFINITY;
  };
  const known = all.map((each) => ({
    each,
    far: Math.min(...words(each).filter(Boolean).map(off)),
  }));
  const least = known.reduce((found, { far }) => Math.min(found, far), Number.POSITIVE_INFINITY);
  return known
    .filter(({ far }) => Number.isFinite(far) && far <= least + FARTHER_MAX)
    .sort((a, b) => a.far - b.far)
    .slice(0, most)
    .map(({ each }) => each);
}

const PART = 3;

/** Parts of a word, of which at least one is right in a word that is mistyped once or twice. */
export function parts(typed: string): string[] {
  const found = [];
  for (let at = 0; at < typed.length; at += PART) found.push(typed.slice(at, at + PART));
  return found.filter((part) => part.length === PART || found.length === 1);
}
