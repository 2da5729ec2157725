// Terminal colours of console lines as tokens. Never emits markup: tokens are drawn as text.

export interface Span {
  text: string;
  /** Space-separated class names, from a fixed set. */
  look: string;
}

const ESCAPE =
  /\u001b(?:\[([0-9;:?]*)([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[()][0-9A-B]|[@-Z\\-_])/g;
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
const HUES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
const SPANS_MAX = 500;

interface Look {
  hue: string;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  under: boolean;
}

const PLAIN: Look = { hue: '', bold: false, dim: false, italic: false, under: false };

/** The spans of one line; a carriage return shows what was printed last, as a terminal does. */
export function spans(line: string): Span[] {
  const shown = line.includes('\r') ? lastPrinted(line) : line;
  const found: Span[] = [];
  let look = PLAIN;
  let at = 0;
  for (const match of shown.matchAll(ESCAPE)) {
    if (found.length >= SPANS_MAX) break;
    push(found, shown.slice(at, match.index), look);
    at = match.index + match[0].length;
    if (match[2] === 'm') look = told(look, match[1]);
  }
  push(found, shown.slice(at), look);
  return found;
}

/** The line without any escape, for searching. */
export function plain(line: string): string {
  return lastPrinted(line).replace(ESCAPE, '').replace(CONTROL, '');
}

function lastPrinted(line: string): string {
  const parts = line.split('\r').filter((part) => part.length > 0);
  return parts.length > 0 ? parts[parts.length - 1] : '';
}

function push(found: Span[], text: string, look: Look): void {
  const clean = text.replace(ESCAPE, '').replace(CONTROL, '');
  if (clean) found.push({ text: clean, look: words(look) });
}

function words(look: Look): string {
  return [
    look.hue && `ansi-${look.hue}`,
    look.bold && 'ansi-bold',
    look.dim && 'ansi-dim',
    look.italic && 'ansi-italic',
    look.under && 'ansi-under',
  ]
    .filter(Boolean)
    .join(' ');
}

function told(before: Look, said: string): Look {
  let look = before;
  const codes = said.split(/[;:]/).map((each) => (each === '' ? 0 : Number(each)));
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i];
    if (code === 0) look = PLAIN;
    else if (code === 1) look = { ...look, bold: true };
    else if (code === 2) look = { ...look, dim: true };
    else if (code === 3) look = { ...look, italic: true };
    else if (code === 4) look = { ...look, under: true };
    else if (code === 22) look = { ...look, bold: false, dim: false };
    else if (code === 39) look = { ...look, hue: '' };
    else if (code >= 30 && code <= 37) look = { ...look, hue: HUES[code - 30] };
    else if (code >= 90 && code <= 97) look = { ...look, hue: HUES[code - 90] };
    else if (code === 38 || code === 48) i += codes[i + 1] === 5 ? 2 : 4;
  }
  return look;
}
