import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExact } from './exact';
import { yaml } from './yaml';

/** What readers of YAML take for the end of a line. */
const ENDS = /[\n\r\u0085\u2028\u2029]/;

describe('a configuration as YAML', () => {
  test('reads as people write it', () => {
    const config = {
      method: 'bayes',
      metric: { name: 'val/loss', goal: 'minimize' },
      parameters: {
        lr: { distribution: 'log_uniform_values', min: 1e-7, max: 0.01 },
        width: { values: [768, 1024] },
        empty: {},
      },
      command: ['$env', 'python', { a: [1, 2] }],
    };
    expect(yaml(config)).toBe(`method: bayes
metric:
  name: val/loss
  goal: minimize
parameters:
  lr:
    distribution: log_uniform_values
    min: 1.0e-7
    max: 0.01
  width:
    values: [768, 1024]
  empty: {}
command:
  - $env
  - python
  - a: [1, 2]`);
  });

  test('quotes every word that means something else to a reader', () => {
    for (const word of ['yes', 'No', 'null', '~', '1e5', '0x1F', '1_0', '2020-01-01', '', ' a'])
      expect(yaml(word)).toBe(JSON.stringify(word));
    for (const word of ['a: b', 'a #b', '- a', '*a', '&a', '!a', '"', "'", '{', '[', '%', '@', '='])
      expect(yaml(word)).toBe(JSON.stringify(word));
  });

  test('holds every line of a text on one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (word) => {
        expect(yaml({ key: word }).split(ENDS)).toHaveLength(1);
      }),
    );
  });

  test('writes a small number as a number to every reader', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = yaml(value);
        expect(Number(text)).toBe(value);
        expect(text).toMatch(/^-?\d+(\.\d+(e[+-]\d+)?)?$/);
      }),
    );
  });

  test('keeps 1.0 apart from 1 where the browser tells', () => {
    const told = parseExact('{"min": 0.0, "max": 1, "lr": 1e-05, "big": 12345678901234567890}');
    expect(yaml(told)).toBe('min: 0.0\nmax: 1\nlr: 1.0e-05\nbig: 12345678901234567890');
    expect(JSON.stringify(told)).toContain('"min":0.0');
  });
});
