import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completion, filterText, isFilter, quoted, withTerm, wordsFilter } from './query';

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
