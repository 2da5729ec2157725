// A value as YAML that every reader takes back as the same value. Never reads YAML.
import { type Exact, Written } from './exact';

/** Words that mean something else than themselves, in YAML 1.1 or 1.2. */
const TAKEN = /^(y|n|yes|no|on|off|true|false|null|none|nan|~|=|<<)$/i;
/** What begins like a number, a date or a sign, or holds a mark of the language. */
const PLAIN = /^[A-Za-z_$][\w ./$()+-]*$/;
const FLAT_MAX = 72;

export function yaml(value: Exact, depth = 0): string {
  const pad = '  '.repeat(depth);
  if (Array.isArray(value)) {
    if (value.length === 0) return `${pad}[]`;
    const flow = `[${value.map(inline).join(', ')}]`;
    if (value.every(isScalar) && flow.length <= FLAT_MAX) return pad + flow;
    return value
      .map((each) =>
        isScalar(each) || isEmpty(each)
          ? `${pad}- ${inline(each)}`
          : `${pad}- ${yaml(each, depth + 1).trimStart()}`,
      )
      .join('\n');
  }
  if (!isScalar(value)) {
    const entries = Object.entries(value as Record<string, Exact>);
    if (entries.length === 0) return `${pad}{}`;
    return entries.map(([key, own]) => pad + entry(key, own, depth)).join('\n');
  }
  return pad + scalar(value);
}

function entry(key: string, value: Exact, depth: number): string {
  const head = `${scalar(key)}:`;
  if (isScalar(value) || isEmpty(value)) return `${head} ${inline(value)}`;
  const body = yaml(value, depth + 1);
  const flow = Array.isArray(value) && body.trimStart().startsWith('[');
  return flow ? `${head} ${body.trimStart()}` : `${head}\n${body}`;
}

function isScalar(value: Exact): boolean {
  return value === null || typeof value !== 'object' || value instanceof Written;
}

function isEmpty(value: Exact): boolean {
  return !isScalar(value) && Object.keys(value as object).length === 0;
}

function inline(value: Exact): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (!isScalar(value))
    return `{${Object.entries(value as Record<string, Exact>)
      .map(([key, own]) => `${scalar(key)}: ${inline(own)}`)
      .join(', ')}}`;
  return scalar(value);
}

function scalar(value: Exact): string {
  if (value === null) return 'null';
  if (value instanceof Written) return pointed(value.source);
  if (typeof value === 'number') return numeral(value);
  if (typeof value !== 'string') return String(value);
  const plain = PLAIN.test(value) && !TAKEN.test(value) && !value.endsWith(' ');
  return plain ? value : quoted(value);
}

/** As JSON, and what YAML takes for the end of a line by its number. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** 1e-5 is a word to YAML 1.1; 1.0e-5 is a number to all. */
function numeral(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  return Object.is(value, -0) ? '-0.0' : pointed(String(value));
}

function pointed(text: string): string {
  const [mantissa, exponent] = text.toLowerCase().split('e');
  if (exponent === undefined) return text;
  const sign = /^[+-]/.test(exponent) ? '' : '+';
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}e${sign}${exponent}`;
}
