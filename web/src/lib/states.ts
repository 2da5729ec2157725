// The words and shapes of states. Never decides a state: that is the server's.

export const STATES = [
  'running',
  'preempting',
  'crashed',
  'failed',
  'killed',
  'preempted',
  'pending',
  'finished',
] as const;
export type RunState = (typeof STATES)[number];
export const QUALIFIERS = ['unreachable', 'stalled', 'stopping'] as const;
export type Qualifier = (typeof QUALIFIERS)[number];
export type Shown = RunState | Qualifier;

export const LIVE: ReadonlySet<string> = new Set(['pending', 'running', 'preempting']);
export const BAD: ReadonlySet<string> = new Set(['crashed', 'failed', 'killed', 'preempted']);

export interface Badge {
  word: string;
  /** The colour token: --state-<hue>. */
  hue: 'pending' | 'running' | 'finished' | 'failed' | 'crashed' | 'killed' | 'amber';
  /** Filled in tables: only what needs a person. */
  loud: boolean;
}

export const BADGES = {
  pending: { word: 'Pending', hue: 'pending', loud: false },
  running: { word: 'Running', hue: 'running', loud: false },
  finished: { word: 'Finished', hue: 'finished', loud: false },
  failed: { word: 'Failed', hue: 'failed', loud: true },
  crashed: { word: 'Crashed', hue: 'crashed', loud: true },
  killed: { word: 'Killed', hue: 'killed', loud: false },
  preempting: { word: 'Preempting', hue: 'amber', loud: true },
  preempted: { word: 'Preempted', hue: 'amber', loud: false },
  unreachable: { word: 'Unreachable', hue: 'amber', loud: true },
  stalled: { word: 'Stalled', hue: 'amber', loud: true },
  stopping: { word: 'Stopping', hue: 'running', loud: true },
} satisfies Record<Shown, Badge>;

const CAUSES: Record<string, string> = {
  created: 'waiting to start',
  started: '',
  joined: '',
  resumed: 'resumed',
  heard_again: 'heard again',
  preemption_notice: 'notice received',
  preemption_withdrawn: 'notice withdrawn',
  finished: '',
  exit_code: 'exit code',
  exception: 'exception',
  interrupted: 'Ctrl-C',
  signal: 'signal',
  out_of_memory: 'out of memory',
  stop_requested: 'stop requested',
  stop_acknowledged: 'stop acknowledged',
  time_limit: 'time limit',
  scheduler: 'scheduler',
  sweep_cancelled: 'sweep cancelled',
  early_stopping: 'early stopping',
  lost_heartbeat: 'lost heartbeat',
  never_started: 'never started',
  vanished: 'vanished',
  superseded: 'superseded',
  overridden: 'set by hand',
  undeleted: 'brought back',
};

/** The cause in few words, for a column; the server's sentence is the long form. */
export function causeWords(cause: string): string {
  return CAUSES[cause] ?? cause.replaceAll('_', ' ');
}

export function isState(word: string): word is RunState {
  return (STATES as readonly string[]).includes(word);
}

/** The state's word with its qualifier, as shown on the badge. */
export function shownState(state: string, qualifier: string): Shown {
  if ((QUALIFIERS as readonly string[]).includes(qualifier)) return qualifier as Qualifier;
  return isState(state) ? state : 'pending';
}
