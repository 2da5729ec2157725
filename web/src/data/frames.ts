// The binary frame of charts as columns without copying. Never interprets a value.

export interface Envelope {
  run: number;
  key: string;
  points: number;
  x: Float64Array;
  last: Float32Array;
  min: Float32Array;
  max: Float32Array;
  mean: Float32Array;
  count: Uint32Array;
  nan: Uint32Array;
  inf: Uint32Array;
}

/**
 * A group as one line: `members` of its `of` runs have the key, `count` of them at each x.
 * Looked at were the newest `counted` of `total` runs.
 */
export interface Band {
  group: string;
  key: string;
  members: number;
  of: number;
  points: number;
  odd: number;
  counted: number;
  total: number;
  x: Float64Array;
  mean: Float32Array;
  low: Float32Array;
  high: Float32Array;
  count: Uint32Array;
  /** Quantiles of the members, where those were asked for. */
  q10?: Float32Array;
  q25?: Float32Array;
  q50?: Float32Array;
  q75?: Float32Array;
  q90?: Float32Array;
}

type Place = [string, number, number];
interface Header {
  series: ({ columns: Record<string, Place> } & Record<string, unknown>)[];
}

const ALIGN = 8;

function column(
  buffer: ArrayBuffer,
  start: number,
  [dtype, offset, length]: Place,
): ArrayBufferView {
  if (dtype === 'f64') return new Float64Array(buffer, start + offset, length);
  if (dtype === 'f32') return new Float32Array(buffer, start + offset, length);
  if (dtype === 'u32') return new Uint32Array(buffer, start + offset, length);
  throw new RangeError(`a column of unknown type ${dtype}`);
}

/** See docs/reference/http.md: length, header, padding, columns. */
function unpacked(buffer: ArrayBuffer): unknown[] {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))) as Header;
  const start = Math.ceil((4 + length) / ALIGN) * ALIGN;
  return header.series.map(({ columns, ...head }) => {
    const views = Object.fromEntries(
      Object.entries(columns).map(([name, place]) => [name, column(buffer, start, place)]),
    );
    return { ...head, ...views };
  });
}

export function decode(buffer: ArrayBuffer): Envelope[] {
  return unpacked(buffer) as Envelope[];
}

export function decodeBands(buffer: ArrayBuffer): Band[] {
  return unpacked(buffer) as Band[];
}
