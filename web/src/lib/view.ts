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
  /** Keys of the runs drawn; all: those that match; null: the first of the table. */
  drawn: number[] | 'all' | null;
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
  /** How far the band of a joined line reaches. */
  spread: Spread;
  /** Whether the few farthest values may fall outside of charts. */
  clip: boolean;
  /** Columns that stay when the table is scrolled sideways. */
  pins: string[];
  /** Ids of the runs that stay on top of the table, and are always drawn. */
  pinned: string[];
  /** Panels besides lines. */
  panels: string[];
  /** What single charts have of their own, by their key. */
  own: Record<string, OwnSettings>;
}

export type Spread = 'range' | 'deviation' | 'error';
export const SPREADS: Spread[] = ['range', 'deviation', 'error'];

/** Settings of one chart; what is not there is as in all charts. */
export interface OwnSettings {
  yLog?: boolean;
  clip?: boolean;
  smoothing?: Smoothing;
  y?: [number, number];
  /** Dashed lines at these values. */
  marks?: number[];
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
  spread: 'range',
  clip: false,
  pins: [],
  pinned: [],
  panels: [],
  own: {},
};

export const PINNED_MAX = 12;
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
  'jb',
  'q',
  'pc',
  'pr',
  'pn',
  'o',
]);

/** The address with another view; what else it says stays. */
export function withView(search: Search, change: Partial<View>): Search {
  const others = Object.entries(search).filter(([key]) => !OWN.has(key));
  return { ...Object.fromEntries(others), ...writeView({ ...readView(search), ...change }) };
}

/** The view that an address names; what cannot be read is as if it was not there. */
export function readView(search: Search): View {
  const zoom = rangeOf(search.z);
  return {
    query: search.f ?? '',
    states: list(search.st ?? '').filter(isState),
    order: search.s || FIRST_VIEW.order,
    group: search.g ?? '',
    columns: search.c === undefined ? null : list(search.c),
    drawn: drawnOf(search.d),
    x: search.x || FIRST_VIEW.x,
    smoothing: smoothingOf(search.sm) ?? FIRST_VIEW.smoothing,
    band: search.band !== '0',
    xLog: search.xl === '1',
    yLog: search.yl === '1',
    zoom,
    find: search.p ?? '',
    open: search.e ?? '',
    join: search.j ?? '',
    spread: SPREADS.find((each) => each === search.jb) ?? FIRST_VIEW.spread,
    clip: search.q === '1',
    pins: list(search.pc ?? ''),
    pinned: [...new Set(list(search.pr ?? ''))].slice(0, PINNED_MAX),
    panels: list(search.pn ?? ''),
    own: Object.fromEntries(list(search.o ?? '').flatMap(ownOf)),
  };
}

function drawnOf(said: string | undefined): View['drawn'] {
  if (said === undefined || said === 'all') return said ?? null;
  return list(said).map(Number).filter(Number.isSafeInteger);
}

function smoothingOf(said: string | undefined): Smoothing | null {
  const [kind, amount] = (said ?? '').split(':');
  return KINDS.includes(kind as SmoothingKind) && Number(amount) > 0
    ? { kind: kind as SmoothingKind, amount: Math.min(Number(amount), 1) }
    : null;
}

/** Two numbers that are in order; nothing for what is none. */
function rangeOf(said: string | undefined): [number, number] | null {
  const parts = (said ?? '').split('~');
  const [from, to] = parts.map(Number);
  const fine = parts.length === 2 && parts.every((each) => each !== '') && from < to;
  return fine && Number.isFinite(from) && Number.isFinite(to) ? [from, to] : null;
}

/** `key|yl=1|sm=ema:0.6|y=0~1|r=0.5;0.8`. */
function ownOf(said: string): [string, OwnSettings][] {
  const [name, ...parts] = said.split('|');
  const told = new Map(parts.map((part) => part.split('=', 2) as [string, string]));
  const own: OwnSettings = {};
  if (told.has('yl')) own.yLog = told.get('yl') === '1';
  if (told.has('q')) own.clip = told.get('q') === '1';
  if (told.get('sm') === 'none') own.smoothing = { kind: 'none', amount: 0 };
  const smoothing = smoothingOf(told.get('sm'));
  if (smoothing) own.smoothing = smoothing;
  const y = rangeOf(told.get('y'));
  if (y) own.y = y;
  const marks = (told.get('r') ?? '').split(';').filter(Boolean).map(Number);
  if (marks.length && marks.every(Number.isFinite)) own.marks = marks;
  return name && Object.keys(own).length ? [[name.replaceAll('%7C', '|'), own]] : [];
}

function ownSaid([key, own]: [string, OwnSettings]): string[] {
  const parts = [
    own.yLog !== undefined && `yl=${own.yLog ? 1 : 0}`,
    own.clip !== undefined && `q=${own.clip ? 1 : 0}`,
    own.smoothing && `sm=${smoothingSaid(own.smoothing)}`,
    own.y && `y=${own.y[0]}~${own.y[1]}`,
    own.marks?.length && `r=${own.marks.join(';')}`,
  ].filter(Boolean);
  return parts.length ? [[key.replaceAll('|', '%7C'), ...parts].join('|')] : [];
}

function smoothingSaid({ kind, amount }: Smoothing): string {
  return kind === 'none' ? 'none' : `${kind}:${amount}`;
}

/** The shortest query string that names the view. */
export function writeView(view: View): Search {
  const found: Search = {};
  if (view.query) found.f = view.query;
  if (view.states.length) found.st = said(view.states);
  if (view.order !== FIRST_VIEW.order) found.s = view.order;
  if (view.group) found.g = view.group;
  if (view.columns) found.c = said(view.columns);
  if (view.drawn) found.d = view.drawn === 'all' ? 'all' : view.drawn.join(',');
  if (view.x !== FIRST_VIEW.x) found.x = view.x;
  if (view.smoothing.kind !== 'none') found.sm = smoothingSaid(view.smoothing);
  if (!view.band) found.band = '0';
  if (view.xLog) found.xl = '1';
  if (view.yLog) found.yl = '1';
  if (view.zoom) found.z = `${view.zoom[0]}~${view.zoom[1]}`;
  if (view.find) found.p = view.find;
  if (view.open) found.e = view.open;
  if (view.join) found.j = view.join;
  if (view.spread !== FIRST_VIEW.spread) found.jb = view.spread;
  if (view.clip) found.q = '1';
  if (view.pins.length) found.pc = said(view.pins);
  if (view.pinned.length) found.pr = said(view.pinned);
  if (view.panels.length) found.pn = said(view.panels);
  const own = Object.entries(view.own).flatMap(ownSaid);
  if (own.length) found.o = said(own);
  return found;
}
