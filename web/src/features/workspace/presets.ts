// The ready-made charts of the `wandb` client: what its table and its settings say to draw. Pure.
import type { Json } from '@/data/records';
import type { TableFile } from './objects';

export type Preset = { title: string } & (
  | { kind: 'lines'; x: string; y: string; lines: { name: string; points: [number, number][] }[] }
  | { kind: 'scatter'; x: string; y: string; points: [number, number][] }
  | { kind: 'bars'; bars: [string, number][] }
  | { kind: 'histogram'; x: string; counts: number[]; edges: number[] }
  | { kind: 'matrix'; names: string[]; counts: number[][] }
);

/** What a chart's settings call the columns of its table and the words around it. */
export interface Drawing {
  preset: string;
  fields: Record<string, string>;
  words: Record<string, string>;
}

const TABLE = '_table';
const APART = 'Custom Chart Tables/';
const BINS_MAX = 50;
const NAMES_MAX = 100;

function inner(value: Json | undefined, ...path: string[]): Json | undefined {
  let found = value;
  for (const name of path) {
    if (found === null || typeof found !== 'object' || Array.isArray(found)) return undefined;
    found = found[name];
  }
  return found;
}

function texts(value: Json | undefined): Record<string, string> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((each): each is [string, string] => typeof each[1] === 'string'),
  );
}

/** Whether a key may hold the table of a ready-made chart. */
export function mayBeDrawn(key: string): boolean {
  return key.endsWith(TABLE);
}

/** How the configuration of a run says that the table of this key is drawn. */
export function drawingOf(config: Json | undefined, key: string): Drawing | null {
  if (!mayBeDrawn(key)) return null;
  const name = key.slice(key.startsWith(APART) ? APART.length : 0, -TABLE.length);
  const said = inner(config, '_wandb', 'visualize', name, 'panel_config');
  const preset = inner(said, 'panelDefId');
  if (typeof preset !== 'string') return null;
  const [fields, words] = [inner(said, 'fieldSettings'), inner(said, 'stringSettings')];
  return { preset, fields: texts(fields), words: texts(words) };
}

/** The chart; null where the drawing is none of those, or its table lacks a column. */
export function preset(drawing: Drawing, table: TableFile): Preset | null {
  const { fields, words } = drawing;
  const title = words.title ?? '';
  const column = (field: string): Json[] | null => {
    const i = table.columns.indexOf(fields[field] ?? '');
    return i < 0 ? null : table.rows.map((row) => row[i] ?? null);
  };
  switch (drawing.preset.replace(/\/v\d+$/, '')) {
    case 'wandb/line':
      return lines(title, [fields.x, fields.y], column('x'), column('y'), column('stroke'));
    case 'wandb/lineseries':
      return lines(
        title,
        [words.xname || 'x', ''],
        column('step'),
        column('lineVal'),
        column('lineKey'),
      );
    case 'wandb/area-under-curve':
      return lines(
        title,
        [words['x-axis-title'] || fields.x, words['y-axis-title'] || fields.y],
        column('x'),
        column('y'),
        column('class'),
      );
    case 'wandb/scatter': {
      const points = pairs(column('x'), column('y'));
      return points && { kind: 'scatter', title, x: fields.x, y: fields.y, points };
    }
    case 'wandb/bar':
      return bars(title, column('label'), column('value'));
    case 'wandb/histogram':
      return binned(title, fields.value, column('value'));
    case 'wandb/confusion_matrix':
      return matrix(title, column('Actual'), column('Predicted'), column('nPredictions'));
    default:
      return null;
  }
}

function pairs(xs: Json[] | null, ys: Json[] | null): [number, number][] | null {
  if (!xs || !ys) return null;
  return xs.flatMap((x, i): [number, number][] => {
    const y = ys[i];
    return typeof x === 'number' && typeof y === 'number' ? [[x, y]] : [];
  });
}

function spoken(value: Json | undefined): string {
  return typeof value === 'string' ? value : value == null ? '' : JSON.stringify(value);
}

function lines(
  title: string,
  [x, y]: [string, string],
  xs: Json[] | null,
  ys: Json[] | null,
  names: Json[] | null,
): Preset | null {
  if (!xs || !ys) return null;
  const found = new Map<string, [number, number][]>();
  xs.forEach((at, i) => {
    const value = ys[i];
    if (typeof at !== 'number' || typeof value !== 'number') return;
    const name = spoken(names?.[i]) || y;
    found.set(name, [...(found.get(name) ?? []), [at, value]]);
  });
  const all = [...found].map(([name, points]) => ({
    name,
    points: points.sort((a, b) => a[0] - b[0]),
  }));
  return { kind: 'lines', title, x, y, lines: all };
}

function bars(title: string, labels: Json[] | null, values: Json[] | null): Preset | null {
  if (!labels || !values) return null;
  const found = labels.flatMap((label, i): [string, number][] => {
    const value = values[i];
    return typeof value === 'number' ? [[spoken(label), value]] : [];
  });
  return { kind: 'bars', title, bars: found };
}

function binned(title: string, x: string, column: Json[] | null): Preset | null {
  const values = column?.filter((each): each is number => Number.isFinite(each));
  if (!values || values.length === 0) return null;
  const [low, high] = [
    values.reduce((a, b) => Math.min(a, b)),
    values.reduce((a, b) => Math.max(a, b)),
  ];
  const many = Math.min(BINS_MAX, Math.ceil(Math.sqrt(values.length)));
  const size = high / many - low / many || 1;
  const counts = new Array<number>(many).fill(0);
  // What is so large that a difference is infinite goes into the first or the last bin.
  const bin = (value: number) => Math.floor((value - low) / size) || 0;
  for (const value of values) counts[Math.min(many - 1, Math.max(0, bin(value)))] += 1;
  const edges = Array.from({ length: many + 1 }, (_, i) => low + i * size);
  return { kind: 'histogram', title, x, counts, edges };
}

function matrix(
  title: string,
  actual: Json[] | null,
  predicted: Json[] | null,
  many: Json[] | null,
): Preset | null {
  if (!actual || !predicted || !many) return null;
  const names = [...new Set([...actual, ...predicted].map(spoken))];
  if (names.length > NAMES_MAX) return null;
  const places = new Map(names.map((name, i) => [name, i]));
  const counts = names.map(() => names.map(() => 0));
  many.forEach((n, i) => {
    const [row, column] = [places.get(spoken(actual[i])), places.get(spoken(predicted[i]))];
    if (row !== undefined && column !== undefined) counts[row][column] += Number(n) || 0;
  });
  return { kind: 'matrix', title, names, counts };
}
