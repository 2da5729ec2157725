// What is typed in the filter box, as text of the API's filter language. Never evaluates it.

const TERM =
  /(<=|>=|!=|!~|=|<|>|~|\s(exists|missing)\s*$|\s(exists|missing)\s|\s(not\s+)?in\s*[([])/;
const FIELD =
  /^(not\s+)*\(?\s*[A-Za-z_][\w./-]*\s*(<=|>=|!=|!~|=|<|>|~|\s(exists|missing)|\s(not\s+)?in\s*[([])/;

/** Quoted for the filter language. */
export function quoted(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return `"${String(value).replace(/[\\"]/g, '\\$&')}"`;
}

/** Whether the text is a filter; otherwise its words are looked for in names. */
export function isFilter(text: string): boolean {
  return TERM.test(text) && FIELD.test(text.trim());
}

/** The words of free text, each looked for in the name, the id and the tags, any case. */
export function wordsFilter(text: string): string {
  return text
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => {
      const pattern = quoted(`(?i)${word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}`);
      return `(name ~ ${pattern} or id ~ ${pattern} or tags = ${quoted(word)})`;
    })
    .join(' and ');
}

/** States and text as one filter of the API. */
export function filterText(query: string, states: readonly string[]): string {
  const text = query.trim();
  const parts: string[] = [];
  if (states.length === 1) parts.push(`state = ${states[0]}`);
  else if (states.length > 1) parts.push(`state in (${states.join(', ')})`);
  if (text) parts.push(isFilter(text) ? `(${text})` : wordsFilter(text));
  return parts.join(' and ');
}

/** The runs of these ids. */
export function anyOf(ids: readonly string[]): string {
  return `id in (${ids.map(quoted).join(', ')})`;
}

// As the server reads it: texts, words, and what stands between them.
const TOKENS = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s()[\]"'<>=!~,]+|\s+|[\s\S]/g;

/** What could be taken away by itself: terms that `and` joins on the outside, or words of text. */
export function terms(text: string): string[] {
  if (!isFilter(text)) return text.split(/\s+/).filter(Boolean);
  const found = [''];
  let depth = 0;
  for (const [token] of text.matchAll(TOKENS)) {
    const word = depth === 0 ? token.toLowerCase() : '';
    if (word === 'or') return [text.trim()];
    if (word === 'and') found.push('');
    else found[found.length - 1] += token;
    if (token === '(' || token === '[') depth += 1;
    if (token === ')' || token === ']') depth -= 1;
  }
  return found.map((each) => each.trim()).filter(Boolean);
}

/** The text without one of its terms. */
export function withoutTerm(text: string, index: number): string {
  return terms(text)
    .filter((_, i) => i !== index)
    .join(isFilter(text) ? ' and ' : ' ');
}

/** The same runs as a line of Python. */
export function asPython(path: string, filters: string, order: string): string {
  const said = [JSON.stringify(path)];
  if (filters) said.push(`filters=${JSON.stringify(filters)}`);
  if (order) said.push(`order=${JSON.stringify(order)}`);
  return `import heartline\n\nruns = heartline.Api().runs(${said.join(', ')})\n`;
}

/** The text with one more term. */
export function withTerm(query: string, term: string): string {
  const text = query.trim();
  return text && isFilter(text) ? `${text} and ${term}` : term;
}

export interface Completion {
  /** What the word under the cursor names: a field, or a value of a field. */
  kind: 'field' | 'value';
  field: string;
  typed: string;
  from: number;
}

/** What could be completed at the end of the text. */
export function completion(text: string): Completion {
  const value = /([A-Za-z_][\w./-]*)\s*(?:<=|>=|!=|=|<|>)\s*("[^"]*|[^\s"()]*)$/.exec(text);
  if (value) {
    const typed = value[2].replace(/^"/, '');
    return { kind: 'value', field: value[1], typed, from: text.length - value[2].length };
  }
  const word = /([A-Za-z_][\w./-]*)?$/.exec(text);
  const typed = word?.[1] ?? '';
  return { kind: 'field', field: '', typed, from: text.length - typed.length };
}
