import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  asPython,
  completion,
  filterText,
  isFilter,
  quoted,
  terms,
  withoutTerm,
  withTerm,
  wordsFilter,
} from './query';

describe('the filter box', () => {
  test.each([
    'config.lr > 1e-4',
    'state = crashed and cause = out_of_memory',
    'tags exists',
    'state in (failed, crashed)',
    'not (name ~ "x")',
  ])('%s is a filter', (text) => expect(isFilter(text)).toBe(true));

  test.each(['brave fold', '', 'what is > this'])('%s is words', (text) =>
    expect(isFilter(text)).toBe(false),
  );

  test('quotes never end early', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const inner = quoted(text).slice(1, -1);
        expect(inner.replace(/\\[\\"]/g, '')).not.toMatch(/["\\]/);
        expect(inner.replace(/\\(.)/g, '$1')).toBe(text);
      }),
    );
  });

  test('words of people are no patterns', () => {
    expect(wordsFilter('a.b*')).toContain('(?i)a\\\\.b\\\\*');
  });

  test('states and text hold both', () => {
    expect(filterText('', [])).toBe('');
    expect(filterText('', ['failed'])).toBe('state = failed');
    expect(filterText('config.lr > 1', ['failed', 'crashed'])).toBe(
      'state in (failed, crashed) and (config.lr > 1)',
    );
    expect(withTerm('user = bo', 'tags = a')).toBe('user = bo and tags = a');
    expect(withTerm('brave', 'tags = a')).toBe('tags = a');
  });

  test('terms on the outside can be taken away one by one', () => {
    const text = 'config.and = "a and b" and (x = 1 and y = 2) and not tags in ("or", c)';
    expect(terms(text)).toEqual([
      'config.and = "a and b"',
      '(x = 1 and y = 2)',
      'not tags in ("or", c)',
    ]);
    expect(withoutTerm(text, 1)).toBe('config.and = "a and b" and not tags in ("or", c)');
    expect(terms('a = 1 and b = 2 or c = 3')).toHaveLength(1);
    expect(terms('brave  fold')).toEqual(['brave', 'fold']);
    expect(withoutTerm('brave  fold', 0)).toBe('fold');
  });

  test('all terms together are the text', () => {
    const term = fc.oneof(
      fc.string().map((s) => `name = ${quoted(s)}`),
      fc.string().map((s) => `(name = ${quoted(s)} or id = 1)`),
      fc.constantFrom('config.lr > 1e-4', 'not tags missing', 'state in (failed, crashed)'),
    );
    fc.assert(
      fc.property(fc.array(term, { minLength: 1, maxLength: 5 }), (all) => {
        expect(terms(all.join(' and '))).toEqual(all);
      }),
    );
  });

  test('a view is a line of Python', () => {
    expect(asPython('ada/lm', 'name = "x"', '-summary.loss')).toContain(
      'heartline.Api().runs("ada/lm", filters="name = \\"x\\"", order="-summary.loss")',
    );
    expect(asPython('ada/lm', '', '')).toContain('heartline.Api().runs("ada/lm")');
  });

  test('what is being typed is completed', () => {
    expect(completion('config.pre')).toMatchObject({ kind: 'field', typed: 'config.pre', from: 0 });
    expect(completion('state = cra')).toMatchObject({
      kind: 'value',
      field: 'state',
      typed: 'cra',
    });
    expect(completion('a = 1 and us')).toMatchObject({ kind: 'field', typed: 'us', from: 10 });
  });
});
