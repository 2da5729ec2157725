// A view of runs and charts as the query string of an address, both ways. Never stores anything.
import type { Smoothing, SmoothingKind } from './smoothing';
import { isState, type RunState } from './states';

export interface View {
  query: string;
  states: RunState[];
  order: string;
  group: string;
  /** Fields shown as columns; null: those that are picked by themselves. */
  columns: string[] | null;
  /** Keys of the runs drawn; null: the first of the table. */
  drawn: number[] | null;
  x: string;
  smoothing: Smoothing;
  band: boolean;
  xLog: boolean;
  yLog: boolean;
  zoom: [number, number] | null;
  find: string;
  open: string;
  /** What charts are joined by: a field, or nothing. */
  join: string;
  /** Panels besides lines. */
  panels: string[];
}

export type Search = Record<string, string>;

export const FIRST_VIEW: View = {
  query: '',
  states: [],
  order: '-created',
  group: '',
  columns: null,
  drawn: null,
  x: '_step',
  smoothing: { kind: 'none', amount: 0 },
  band: true,
  xLog: false,
  yLog: false,
  zoom: null,
  find: '',
  open: '',
  join: '',
  panels: [],
};

const KINDS: SmoothingKind[] = ['none', 'ema', 'gaussian', 'mean'];

function list(said: string): string[] {
  return said
    .split(',')
    .filter(Boolean)
    .map((each) => each.replaceAll('%2C', ',').replaceAll('%25', '%'));
}

function said(items: readonly string[]): string {
  return items.map((each) => each.replaceAll('%', '%25').replaceAll(',', '%2C')).join(',');
}

const OWN = new Set([
  'f',
  'st',
  's',
  'g',
  'c',
  'd',
  'x',
  'sm',
  'band',
  'xl',
  'yl',
  'z',
  'p',
  'e',
  'j',
  'pn',
]);

/** The address with another view; what else it says stays. */
export function withView(search: Search, change: Partial<View>): Search {
  const others = Object.entries(search).filter(([key]) => !OWN.has(key));
  return { ...Object.fromEntries(others), ...writeView({ ...readView(search), ...change }) };
}

/** The view that an address names; what cannot be read is as if it was not there. */
export function readView(search: Search): View {
  const [kind, amount] = (search.sm ?? '').split(':');
  const zoom = (search.z ?? '').split('~').map(Number);
  return {
    query: search.f ?? '',
    states: list(search.st ?? '').filter(isState),
    order: search.s || FIRST_VIEW.order,
    group: search.g ?? '',
    columns: search.c === undefined ? null : list(search.c),
    drawn: search.d === undefined ? null : list(search.d).map(Number).filter(Number.isSafeInteger),
    x: search.x || FIRST_VIEW.x,
    smoothing:
      KINDS.includes(kind as SmoothingKind) && Number(amount) > 0
        ? { kind: kind as SmoothingKind, amount: Math.min(Number(amount), 1) }
        : FIRST_VIEW.smoothing,
    band: search.band !== '0',
    xLog: search.xl === '1',
    yLog: search.yl === '1',
    zoom:
      zoom.length === 2 && zoom.every(Number.isFinite) && zoom[0] < zoom[1]
        ? [zoom[0], zoom[1]]
        : null,
    find: search.p ?? '',
    open: search.e ?? '',
    join: search.j ?? '',
    panels: list(search.pn ?? ''),
  };
}

/** The shortest query string that names the view. */
export function writeView(view: View): Search {
  const found: Search = {};
  if (view.query) found.f = view.query;
  if (view.states.length) found.st = said(view.states);
  if (view.order !== FIRST_VIEW.order) found.s = view.order;
  if (view.group) found.g = view.group;
  if (view.columns) found.c = said(view.columns);
  if (view.drawn) found.d = view.drawn.join(',');
  if (view.x !== FIRST_VIEW.x) found.x = view.x;
  if (view.smoothing.kind !== 'none') found.sm = `${view.smoothing.kind}:${view.smoothing.amount}`;
  if (!view.band) found.band = '0';
  if (view.xLog) found.xl = '1';
  if (view.yLog) found.yl = '1';
  if (view.zoom) found.z = `${view.zoom[0]}~${view.zoom[1]}`;
  if (view.find) found.p = view.find;
  if (view.open) found.e = view.open;
  if (view.join) found.j = view.join;
  if (view.panels.length) found.pn = said(view.panels);
  return found;
}
