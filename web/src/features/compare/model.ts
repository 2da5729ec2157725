// Which values of runs differ. Pure.
import type { Json } from '@/data/records';
import { internal } from '@/lib/flat';

export interface Line {
  key: string;
  values: (Json | undefined)[];
  differs: boolean;
}

/** What a logged object is, if it is media: its insides are nobody's values. */
export function mediaOf(value: Json | undefined): string {
  const one = Array.isArray(value) ? value[0] : value;
  if (one === null || typeof one !== 'object' || Array.isArray(one)) return '';
  return /^(histogram|image|audio|video|html|table|plotly)/.exec(String(one._type))?.[0] ?? '';
}

export function flat(values: Record<string, Json>, head = ''): Map<string, Json> {
  const found = new Map<string, Json>();
  for (const [key, value] of Object.entries(values)) {
    if (value !== null && typeof value === 'object' && !Array.isArray(value) && !mediaOf(value)) {
      for (const [inner, each] of flat(value, `${head}${key}.`)) found.set(inner, each);
    } else found.set(head + key, value);
  }
  return found;
}

/** Every key of any run; what differs first, then by name. What clients note is never news. */
export function compared(all: readonly (Record<string, Json> | null | undefined)[]): Line[] {
  const maps = all.map((each) => flat(each ?? {}));
  const keys = [...new Set(maps.flatMap((map) => [...map.keys()]))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  const lines = keys.map((key) => {
    const values = maps.map((map) => map.get(key));
    const said = values.map((value) => mediaOf(value) || JSON.stringify(value));
    return { key, values, differs: !internal(key) && said.some((each) => each !== said[0]) };
  });
  return [...lines.filter((line) => line.differs), ...lines.filter((line) => !line.differs)];
}
