// What logged objects say they are, read with suspicion: any program may have sent them. Pure.
import type { Json } from '@/data/records';
import type { Logged } from './logged';

/** Every step at which any run logged something, in order. */
export function stepsOf(all: readonly (readonly Logged[])[]): number[] {
  return [...new Set(all.flatMap((rows) => rows.map((row) => row.step)))].sort((a, b) => a - b);
}

/** The newest value at or before a step. */
export function at(rows: readonly Logged[], step: number): Logged | null {
  return rows.findLast((row) => row.step <= step) ?? null;
}

export interface Media {
  kind: 'image' | 'audio' | 'video' | 'html' | 'table' | 'plotly' | 'file';
  path: string;
  caption: string;
  width: number;
  height: number;
}

const FILES: Record<string, Media['kind']> = {
  'image-file': 'image',
  'audio-file': 'audio',
  'video-file': 'video',
  'html-file': 'html',
  'table-file': 'table',
  'plotly-file': 'plotly',
  'object3D-file': 'file',
  'molecule-file': 'file',
};
const LISTS = ['images', 'audio', 'videos', 'html', 'objects'];

function fields(value: Json | undefined): Record<string, Json> | null {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : null;
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function size(value: Json | undefined): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}

/** The files that a logged value points to; nothing if it is no media. */
export function media(value: Json): Media[] {
  if (Array.isArray(value)) {
    const found = value.map((each) => media(each));
    return found.every((each) => each.length > 0) ? found.flat() : [];
  }
  const said = fields(value);
  if (!said) return [];
  const captions = Array.isArray(said.captions) ? said.captions : [];
  if (said._type === 'images/separated' && Array.isArray(said.filenames)) {
    return said.filenames.map((path, i) => ({
      kind: 'image',
      path: text(path),
      caption: text(captions[i]),
      width: size(said.width),
      height: size(said.height),
    }));
  }
  const kind = FILES[text(said._type)];
  if (kind && text(said.path)) {
    const { caption, width, height } = said;
    return [
      {
        kind,
        path: text(said.path),
        caption: text(caption),
        width: size(width),
        height: size(height),
      },
    ];
  }
  for (const name of LISTS) {
    const inner = said[name];
    if (Array.isArray(inner)) {
      return media(inner).map((each, i) => ({
        ...each,
        caption: each.caption || text(captions[i]),
      }));
    }
  }
  return [];
}

export interface Histogram {
  counts: number[];
  edges: number[];
}

/** Counts and edges; nothing if they do not fit each other. */
export function histogram(value: Json): Histogram | null {
  const said = fields(value);
  if (said?._type !== 'histogram') return null;
  const { values, bins, packedBins } = said;
  if (!Array.isArray(values) || !values.every((each) => Number.isFinite(each))) return null;
  const counts = values as number[];
  const packed = fields(packedBins);
  const edges = packed
    ? Array.from(
        { length: counts.length + 1 },
        (_, i) => Number(packed.min) + i * Number(packed.size),
      )
    : bins;
  if (!Array.isArray(edges) || edges.length !== counts.length + 1) return null;
  return edges.every((each) => Number.isFinite(each)) ? { counts, edges: edges as number[] } : null;
}

export interface TableFile {
  columns: string[];
  rows: Json[][];
}

/** A logged table's file. */
export function table(body: string): TableFile {
  const said = fields(JSON.parse(body) as Json);
  if (!said || !Array.isArray(said.columns) || !Array.isArray(said.data))
    throw new Error('this file holds no table');
  const columns = said.columns.map(String);
  return { columns, rows: said.data.filter(Array.isArray) as Json[][] };
}

/** Histograms of many steps on common edges: `cells[step][bin]`, each step's part of its own. */
export function heat(rows: readonly { step: number; found: Histogram }[], bins: number) {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { found } of rows) {
    low = Math.min(low, found.edges[0]);
    high = Math.max(high, found.edges[found.edges.length - 1]);
  }
  const span = high - low || 1;
  const cells = rows.map(({ found }) => {
    const own = new Float64Array(bins);
    const total = found.counts.reduce((sum, each) => sum + each, 0) || 1;
    found.counts.forEach((n, i) => {
      const from = ((found.edges[i] - low) / span) * bins;
      const to = ((found.edges[i + 1] - low) / span) * bins;
      spill(own, from, to, n / total);
    });
    return own;
  });
  return { low, high, cells };
}

/** A part of one bin into each cell that it covers. */
function spill(cells: Float64Array, from: number, to: number, part: number): void {
  const width = to - from;
  const last = Math.min(cells.length - 1, Math.max(0, Math.ceil(to) - 1));
  for (let i = Math.min(cells.length - 1, Math.max(0, Math.floor(from))); i <= last; i += 1) {
    const covered = width > 0 ? (Math.min(to, i + 1) - Math.max(from, i)) / width : 1;
    cells[i] += part * Math.max(0, covered);
  }
}
