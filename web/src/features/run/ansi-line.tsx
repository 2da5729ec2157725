// One console line with its colours as classes. Text stays text.
import { memo } from 'react';
import { spans } from '@/lib/ansi';

export const AnsiLine = memo(function AnsiLine({
  text,
  mark = '',
}: {
  text: string;
  mark?: string;
}) {
  return (
    <>
      {spans(text).map((span, i) => (
        <span key={i} className={span.look || undefined}>
          {mark ? marked(span.text, mark) : span.text}
        </span>
      ))}
    </>
  );
});

function marked(text: string, mark: string) {
  const low = text.toLowerCase();
  const wanted = mark.toLowerCase();
  const parts = [];
  let at = 0;
  for (
    let next = low.indexOf(wanted);
    next >= 0 && parts.length < 100;
    next = low.indexOf(wanted, at)
  ) {
    parts.push(
      text.slice(at, next),
      <mark key={next}>{text.slice(next, next + mark.length)}</mark>,
    );
    at = next + mark.length;
  }
  return [...parts, text.slice(at)];
}
