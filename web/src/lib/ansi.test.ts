import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plain, spans } from './ansi';

const pieces = fc.constantFrom(
  '\u001b[31m',
  '\u001b[0m',
  '\u001b[',
  '\u001b]8;;x\u0007',
  '\r',
  'a',
  '<b>',
  '\u001b[38;5;9m',
  '\u0008',
  '\u001b[1;4m',
);
const floods = fc.array(pieces, { maxLength: 300 }).map((all) => all.join(''));

test('no escape and no control character is left, whatever was printed', () => {
  fc.assert(
    fc.property(floods, (line) => {
      const shown = spans(line)
        .map((span) => span.text)
        .join('');
      for (const text of [shown, plain(line)])
        expect(text).not.toMatch(/[\u0000-\u0008\u001b\u007f]/);
    }),
  );
});

test('colours are names from a fixed set', () => {
  fc.assert(
    fc.property(floods, (line) => {
      for (const span of spans(line)) expect(span.look).toMatch(/^(ansi-[a-z]+ ?)*$/);
    }),
  );
});

test('a flood of escapes makes few spans', () => {
  expect(spans('\u001b[31ma\u001b[0mb'.repeat(50_000)).length).toBeLessThan(600);
});

test('a progress bar shows what was printed last', () => {
  expect(plain('1%\r50%\r100%')).toBe('100%');
});
