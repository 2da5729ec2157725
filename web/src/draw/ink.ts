// Colour tokens as canvas wants them, read once per theme. Never names a colour.

const known = new Map<string, string>();

export function ink(token: string): string {
  let found = known.get(token);
  if (found === undefined) {
    found = getComputedStyle(document.documentElement).getPropertyValue(token).trim();
    known.set(token, found);
  }
  return found;
}

/** After the theme changed. */
export function forgetInks(): void {
  known.clear();
}
