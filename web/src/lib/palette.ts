// A stable colour for every run, told apart within the set that is shown. Never reads the page.

export const SERIES = 8;
const DASHES: number[][] = [[], [6, 3], [2, 2]];

export interface Ink {
  /** 0..7: the token --series-<n>. */
  hue: number;
  dash: number[];
}

/** FNV-1a: the same run has the same colour on every screen. */
export function hash(text: string): number {
  let found = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    found = Math.imul(found ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  return found;
}

/** Inks for the shown runs: each its own hash's, moved on where one before has taken it. */
export function inks(ids: readonly string[]): Map<string, Ink> {
  const taken = new Set<number>();
  const found = new Map<string, Ink>();
  const places = SERIES * DASHES.length;
  for (const id of [...ids].sort()) {
    let place = hash(id) % SERIES;
    for (let tries = 0; tries < places && taken.has(place); tries += 1) {
      place = tries % SERIES === SERIES - 1 ? (place + SERIES + 1) % places : nextHue(place);
    }
    taken.add(place);
    found.set(id, { hue: place % SERIES, dash: DASHES[Math.floor(place / SERIES)] });
  }
  return found;
}

function nextHue(place: number): number {
  const level = Math.floor(place / SERIES);
  return level * SERIES + ((place + 1) % SERIES);
}
