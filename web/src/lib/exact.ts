// JSON whose numbers keep how they were written: 1.0 is not 1 to the program that reads it.
import type { Nested } from './flat';

/** A number as it was written. */
export class Written {
  constructor(readonly source: string) {}

  toJSON(): unknown {
    return raw ? raw(this.source) : Number(this.source);
  }
}

// What newer browsers have and the library of ES2023 does not name yet.
const raw = (JSON as { rawJSON?: (text: string) => unknown }).rawJSON;

export type Exact = Nested | Written | Exact[] | { [key: string]: Exact };

/** What was written as a whole number with a point stays so, where the browser tells. */
export function parseExact(text: string): Exact {
  const reviver = (_: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && context?.source !== undefined && context.source !== String(value)
      ? new Written(context.source)
      : value;
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown) as Exact;
}
