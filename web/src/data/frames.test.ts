import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decode } from './frames';

interface Said {
  run: number;
  key: string;
  x: number[];
}

/** As the server packs it. */
function packed(series: Said[]): ArrayBuffer {
  const parts: Uint8Array[] = [];
  let offset = 0;
  const heads = series.map(({ run, key, x }) => {
    const columns: Record<string, [string, number, number]> = {};
    const put = (name: string, dtype: string, data: ArrayBufferView) => {
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      const padded = new Uint8Array(Math.ceil(bytes.length / 8) * 8);
      padded.set(bytes);
      columns[name] = [dtype, offset, x.length];
      parts.push(padded);
      offset += padded.length;
    };
    put('x', 'f64', Float64Array.from(x));
    put('last', 'f32', Float32Array.from(x));
    put(
      'count',
      'u32',
      Uint32Array.from(x, () => 1),
    );
    return { run, key, points: x.length, columns };
  });
  const header = new TextEncoder().encode(JSON.stringify({ series: heads }));
  const start = Math.ceil((4 + header.length) / 8) * 8;
  const whole = new Uint8Array(start + offset);
  new DataView(whole.buffer).setUint32(0, header.length, true);
  whole.set(header, 4);
  let at = start;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole.buffer;
}

test('every column is read where it lies', () => {
  const said = fc.record({
    run: fc.nat(),
    key: fc.string(),
    x: fc.array(fc.double({ noNaN: true }), { maxLength: 40 }),
  });
  fc.assert(
    fc.property(fc.array(said, { maxLength: 5 }), (series) => {
      const found = decode(packed(series));
      expect(found.map(({ run, key }) => ({ run, key }))).toEqual(
        series.map(({ run, key }) => ({ run, key })),
      );
      found.forEach((each, i) => {
        expect([...each.x]).toEqual(series[i].x);
        expect([...each.last]).toEqual([...Float32Array.from(series[i].x)]);
        expect(each.count.length).toBe(series[i].x.length);
      });
    }),
  );
});

test('a column of an unknown type is refused', () => {
  const body = packed([{ run: 1, key: 'a', x: [1] }]);
  const text = new TextDecoder('latin1').decode(body).replace('"f64"', '"f99"');
  const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
  expect(() => decode(bytes.buffer)).toThrow(/unknown type/);
});
