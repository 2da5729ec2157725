// A chart as SVG and as CSV, from the same lines. Never asks the screen.
import { type Part, SHAPES } from '@/lib/shapes';
import { BADGES } from '@/lib/states';
import { byteWords, shortNumber, xValue, xWords } from './axes';
import { ink } from './ink';
import { type ChartModel, endOf, firsts, indexAt, type Line, type Mark, xRange } from './line';
import { yView } from './range';

const W = 900;
const H = 420;
const MARKS_MAX = 2_000;
const BOX = { left: 60, top: 34, right: 20, bottom: 34 };

function escaped(text: string): string {
  return text.replace(
    /[<>&"]/g,
    (c) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' })[c] ?? c,
  );
}

function ticks(from: number, to: number, log: boolean): number[] {
  if (log) {
    const found: number[] = [];
    for (let e = Math.ceil(Math.log10(from)); e <= Math.floor(Math.log10(to)); e += 1)
      found.push(10 ** e);
    return found.length > 1 ? found : [from, to];
  }
  const rough = (to - from) / 6;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * unit).find((each) => each >= rough) ?? rough;
  const found: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to + step * 1e-9; at += step)
    found.push(Number(at.toPrecision(12)));
  return found;
}

export function svg(title: string, model: ChartModel): string {
  const [x0, x1] = xRange(model);
  const [y0, y1] = yView(model, [x0, x1]);
  const log = (value: number, on: boolean) => (on ? Math.log10(value) : value);
  const px = (x: number) =>
    BOX.left +
    ((log(x, model.xLog) - log(x0, model.xLog)) / (log(x1, model.xLog) - log(x0, model.xLog))) *
      (W - BOX.left - BOX.right);
  const py = (y: number) =>
    H -
    BOX.bottom -
    ((log(y, model.yLog) - log(y0, model.yLog)) / (log(y1, model.yLog) - log(y0, model.yLog))) *
      (H - BOX.top - BOX.bottom);
  const heights = ticks(y0, y1, model.yLog);
  const said = model.bytes ? byteWords(heights) : heights.map(shortNumber);
  const axis = [
    ...heights.map(
      (t, i) =>
        `<path d="M${BOX.left} ${py(t)}H${W - BOX.right}" stroke="${ink('--grid')}"/><text x="${BOX.left - 6}" y="${py(t) + 4}" text-anchor="end">${said[i]}</text>`,
    ),
    ...ticks(x0, x1, model.xLog).map(
      (t) =>
        `<text x="${px(t)}" y="${H - 12}" text-anchor="middle">${escaped((model.x === 'time' ? xValue : xWords)(model.x, t))}</text>`,
    ),
  ];
  const lines = [
    ...model.limits.map((each) => limit(each, py)),
    ...(model.marks ?? []).map((each) => mark(each, px)),
    ...model.lines.map((line) => drawn(line, px, py, model)),
    ...model.lines.map((line) => odd(line, px, [x0, x1])),
  ];
  const ends = model.lines.map((line) => end(line, px, py, [x0, x1]));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${W} ${H}" font-family="sans-serif" font-size="11" fill="${ink('--axis')}"><rect width="${W}" height="${H}" fill="${ink('--surface')}"/><text x="12" y="20" font-size="13" font-weight="600" fill="${ink('--ink')}">${escaped(title)}</text>${axis.join('')}<clipPath id="box"><rect x="${BOX.left}" y="${BOX.top}" width="${W - BOX.left - BOX.right}" height="${H - BOX.top - BOX.bottom}"/></clipPath><g clip-path="url(#box)">${lines.join('')}</g>${ends.join('')}</svg>`;
}

function drawn(
  line: Line,
  px: (x: number) => number,
  py: (y: number) => number,
  model: ChartModel,
): string {
  const color = ink(line.token);
  const whole = line.low && line.high ? [{ low: line.low, high: line.high }] : [];
  const reaches = [...(model.band || line.parts ? whole : []), ...(line.parts ?? [])];
  const opacity = line.parts ? 0.16 : 0.26;
  const bands = reaches
    .map((each) => stepped(line.x, each, px, py))
    .filter(Boolean)
    .map((d) => `<path d="${d}" fill="${color}" fill-opacity="${opacity}"/>`)
    .join('');
  const dash = line.dash.length ? ` stroke-dasharray="${line.dash.join(' ')}"` : '';
  const way = (y: Float64Array, width: number, opacity: number) =>
    `<path d="${track(line, y, px, py)}" fill="none" stroke="${color}" stroke-width="${width}" stroke-opacity="${opacity}"${dash}/>`;
  return `<g><title>${escaped(line.label)}</title>${bands}${line.raw ? way(line.raw, 1, 0.3) : ''}${way(line.y, 1.5, 1)}</g>`;
}

/** A line with gaps where there is no value. */
function track(line: Line, y: Float64Array, px: To, py: To): string {
  const { x } = line;
  const first = firsts(line);
  let path = '';
  let pen = false;
  for (let i = 0; i < x.length; i += 1) {
    if (first.has(i)) pen = false;
    if (Number.isFinite(y[i]))
      path += `${pen ? 'L' : 'M'}${px(x[i]).toFixed(1)} ${py(y[i]).toFixed(1)}`;
    pen = Number.isFinite(y[i]);
  }
  return path;
}

type To = (value: number) => number;

/** A dashed reference line with its name. */
function limit({ y, label }: ChartModel['limits'][number], py: To): string {
  const at = py(y).toFixed(1);
  const ink3 = ink('--ink-3');
  return `<path d="M${BOX.left} ${at}H${W - BOX.right}" stroke="${ink3}" stroke-dasharray="4 3"/><text x="${W - BOX.right - 4}" y="${Number(at) - 4}" text-anchor="end" fill="${ink3}">${escaped(label)}</text>`;
}

/** Something that happened, over the whole height. */
function mark({ x, label, token }: Mark, px: To): string {
  const at = px(x).toFixed(1);
  return `<path d="M${at} ${BOX.top}V${H - BOX.bottom}" stroke="${ink(token)}" stroke-dasharray="2 2"/><text x="${Number(at) - 4}" y="${BOX.top + 10}" text-anchor="end" fill="${ink(token)}">${escaped(label)}</text>`;
}

/** Where values were NaN or infinite. */
function odd(line: Line, px: To, [from, to]: [number, number]): string {
  const bottom = H - BOX.bottom;
  const at = [...line.odd].filter((x) => x >= from && x <= to).slice(0, MARKS_MAX);
  const d = at.map((x) => `M${px(x).toFixed(1)} ${bottom}v-7`).join('');
  return d && `<path d="${d}" stroke="${ink('--state-failed')}" stroke-width="2"/>`;
}

/** The state's glyph where a run ended badly, at the edge if that is outside. */
function end(line: Line, px: To, py: To, [from, to]: [number, number]): string {
  const place = line.end && endOf(line);
  if (!place || !line.end || place.x < from || place.x > to) return '';
  const colors = { ink: ink(`--state-${BADGES[line.end].hue}`), paper: ink('--surface') };
  const paint = (name: Part['fill'] | undefined) =>
    !name || name === 'none' ? 'none' : colors[name];
  const y = Math.min(H - BOX.bottom, Math.max(BOX.top, py(place.y)));
  const parts = (SHAPES[line.end] as Part[]).map(
    (each) =>
      `<path d="${each.d}" fill="${paint(each.fill)}" stroke="${paint(each.stroke)}" stroke-width="${each.width ?? 1}"/>`,
  );
  return `<g transform="translate(${(px(place.x) - 7).toFixed(1)} ${(y - 7).toFixed(1)})"><title>${escaped(`${line.label}: ${BADGES[line.end].word}`)}</title>${parts.join('')}</g>`;
}

/** A band as steps of the buckets' width. */
function stepped(
  x: Float64Array,
  { low, high }: { low: Float64Array; high: Float64Array },
  px: (x: number) => number,
  py: (y: number) => number,
): string {
  let found = '';
  for (let i = 0; i < x.length; i += 1) {
    if (!(high[i] > low[i])) continue;
    const left = px(x[i]);
    const right = i + 1 < x.length ? px(x[i + 1]) : left + 1;
    found += `M${left.toFixed(1)} ${py(high[i]).toFixed(1)}H${right.toFixed(1)}V${py(low[i]).toFixed(1)}H${left.toFixed(1)}z`;
  }
  return found;
}

/** One row for each bucket of each line. */
export function csv(xName: string, yName: string, model: ChartModel): string {
  const range = xRange(model);
  const rows = [
    ['run', xName, yName, 'min', 'max', ...(model.lines.some((l) => l.raw) ? ['raw'] : [])],
  ];
  for (const line of model.lines) {
    for (
      let i = Math.max(0, indexAt(line.x, range[0]));
      i < line.x.length && line.x[i] <= range[1];
      i += 1
    ) {
      rows.push([
        line.label,
        ...[
          line.x[i],
          line.y[i],
          line.low?.[i] ?? line.y[i],
          line.high?.[i] ?? line.y[i],
          ...(line.raw ? [line.raw[i]] : []),
        ].map(String),
      ]);
    }
  }
  return rows.map((row) => row.map(cell).join(',')).join('\n');
}

/** Quoted where needed, and never a formula when opened in a spreadsheet. */
export function cell(text: string): string {
  const safe =
    /^[=+@\t\r]/.test(text) || (/^-/.test(text) && Number.isNaN(Number(text))) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
