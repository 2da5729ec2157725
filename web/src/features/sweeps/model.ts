// What trials tell, arranged for the eye: dimensions, progress, failures, pace. Never judges a run.
import type { Json, SweepView, TrialView } from '@/data/records';
import type { AxisWish } from '@/lib/axis';
import { flat } from '@/lib/flat';
import { count, plural } from '@/lib/format';
import { BAD, causeWords } from '@/lib/states';

export interface Dimension {
  name: string;
  kind: string;
  /** Nothing is searched here. */
  fixed: boolean;
  wish: AxisWish;
}

const LOG = /^(q_|inv_)*log_/;
const EXPONENTS = new Set(['log_uniform', 'q_log_uniform', 'inv_log_uniform']);
const CHOICES_MAX = 60;

/** The parameters as axes: in decades where they are drawn in decades, in their order if named. */
export function dimensions(parameters: readonly Record<string, Json>[]): Dimension[] {
  return parameters.map((each) => {
    const kind = String(each.distribution ?? '');
    const values = Array.isArray(each.values) ? each.values : [];
    const named = values.length > 0 && values.length <= CHOICES_MAX && !continuous(values);
    return {
      name: String(each.name ?? ''),
      kind,
      fixed: kind === 'constant' || values.length === 1,
      wish: {
        ...(named && { choices: values }),
        ...(LOG.test(kind) && { log: true }),
        ...(!named && values.length === 0 && { span: spanOf(kind, each) }),
      },
    };
  });
}

/** Many numbers are an axis of numbers, not of names. */
function continuous(values: readonly Json[]): boolean {
  return values.length > 12 && values.every((value) => typeof value === 'number');
}

function spanOf(kind: string, each: Record<string, Json>): [number, number] | undefined {
  const numbers = (each.numbers ?? each) as Record<string, Json>;
  const [low, high] = [numbers.min, numbers.max];
  if (typeof low !== 'number' || typeof high !== 'number') return undefined;
  if (!EXPONENTS.has(kind)) return [low, high];
  const ends = kind.startsWith('inv_') ? [-high, -low] : [low, high];
  const span = ends.map(Math.exp);
  return span.every(Number.isFinite) && span[0] > 0 ? [span[0], span[1]] : undefined;
}

const flats = new WeakMap<TrialView, Record<string, Json>>();

/** A trial's arguments by dotted name. */
export function argsOf(trial: TrialView): Record<string, Json> {
  let found = flats.get(trial);
  if (!found) {
    found = Object.fromEntries(flat(trial.args)) as Record<string, Json>;
    flats.set(trial, found);
  }
  return found;
}

export function argOf(trial: TrialView, name: string): Json | undefined {
  const own = argsOf(trial);
  return name in own ? own[name] : trial.args[name];
}

const SHORT_CHARS = 14;

/** Long dotted names without the parts that all of them share, so that what differs is seen. */
export function shortNames(names: readonly string[]): string[] {
  if (names.length < 2 || names.every((name) => name.length <= SHORT_CHARS)) return [...names];
  const parts = names.map((name) => name.split('.'));
  const least = Math.min(...parts.map((own) => own.length)) - 1;
  const shared = (at: (own: string[], i: number) => string) => {
    let n = 0;
    while (n < least && parts.every((own) => at(own, n) === at(parts[0], n))) n += 1;
    return n;
  };
  const head = shared((own, i) => own[i]);
  const tail = Math.min(
    shared((own, i) => own[own.length - 1 - i]),
    least - head,
  );
  return parts.map((own) => {
    const middle = own.slice(head, own.length - tail).join('.');
    return `${head ? '…' : ''}${middle}${tail ? '…' : ''}`;
  });
}

export interface Segment {
  state: string;
  n: number;
}

const ORDER = [
  'finished',
  'running',
  'preempting',
  'failed',
  'crashed',
  'killed',
  'preempted',
  'pending',
];

/** Runs by state in the order of a progress bar, and how many are not made yet; null: no end. */
export function progress(sweep: SweepView): { segments: Segment[]; left: number | null } {
  const known = Object.entries(sweep.states).filter(([, n]) => n > 0);
  const rank = ([state]: [string, number]) => {
    const at = ORDER.indexOf(state);
    return at < 0 ? ORDER.length : at;
  };
  return {
    segments: known.sort((a, b) => rank(a) - rank(b)).map(([state, n]) => ({ state, n })),
    left: sweep.planned === null ? null : Math.max(0, sweep.planned - sweep.made),
  };
}

/** Ends that somebody wanted: they are no failures. */
const WANTED = new Set([
  'stop_requested',
  'stop_acknowledged',
  'sweep_cancelled',
  'early_stopping',
  'overridden',
]);

export interface Failure {
  state: string;
  cause: string;
  trials: TrialView[];
  /** How the newest one was told. */
  sentence: string;
}

export function failed(trial: TrialView): boolean {
  return BAD.has(trial.state) && !WANTED.has(trial.cause);
}

/** Bad ends by state and cause, the commonest first. */
export function failures(trials: readonly TrialView[]): Failure[] {
  const found = new Map<string, Failure>();
  for (const trial of trials) {
    if (!failed(trial)) continue;
    const key = `${trial.state} ${trial.cause}`;
    const group = found.get(key);
    if (group) {
      group.trials.push(trial);
      group.sentence = trial.sentence || group.sentence;
    } else
      found.set(key, {
        state: trial.state,
        cause: trial.cause,
        trials: [trial],
        sentence: trial.sentence,
      });
  }
  return [...found.values()].sort((a, b) => b.trials.length - a.trials.length);
}

/** `7 trials ended badly: 4 exception, 3 out of memory`; nothing if none did. */
export function failureWords(groups: readonly Failure[]): string {
  const total = groups.reduce((sum, each) => sum + each.trials.length, 0);
  if (total === 0) return '';
  const causes = groups.map(
    (each) => `${count(each.trials.length)} ${causeWords(each.cause) || each.state}`,
  );
  const most = causes.slice(0, 3);
  if (causes.length > 3) most.push(`${causes.length - 3} other causes`);
  return `${plural(total, 'trial')} ended badly: ${most.join(', ')}`;
}

export function stoppedEarly(trials: readonly TrialView[]): number {
  return trials.filter((each) => each.cause === 'early_stopping').length;
}

const PACE_ENDS = 50;
const PACE_ENDS_MIN = 3;
const LEFT_MS_MIN = 10_000;

/** How long the rest takes if trials go on to end as the newest ones did; null: nobody can tell. */
export function timeLeft(sweep: SweepView, trials: readonly TrialView[]): number | null {
  if (sweep.status !== 'running' || sweep.planned === null || sweep.agents_live === 0) return null;
  const ends: number[] = [];
  let over = 0;
  for (const each of trials) {
    if (each.prior || each.stage !== 'ended') continue;
    over += 1;
    if (typeof each.ended_at === 'number') ends.push(each.ended_at);
  }
  const newest = ends.sort((a, b) => a - b).slice(-PACE_ENDS);
  const rest = sweep.planned - over;
  if (newest.length < PACE_ENDS_MIN || rest <= 0) return null;
  const gap = (newest[newest.length - 1] - newest[0]) / (newest.length - 1);
  const left = gap * rest;
  return left >= LEFT_MS_MIN ? left : null;
}

/** -1 if smaller is better, 1 if larger is; 0 without a metric. */
export function sense(sweep: Pick<SweepView, 'goal' | 'metric'>): -1 | 0 | 1 {
  if (!sweep.metric) return 0;
  return sweep.goal === 'maximize' ? 1 : -1;
}

export function better(a: number, b: number, toward: number): boolean {
  return toward > 0 ? a > b : a < b;
}

export function bestTrial(trials: readonly TrialView[], toward: number): TrialView | null {
  let found: TrialView | null = null;
  for (const each of trials) {
    if (each.value === null || each.state !== 'finished' || toward === 0) continue;
    if (found === null || better(each.value, found.value as number, toward)) found = each;
  }
  return found;
}

/** Whether the target is met; null if there is none to meet. */
export function targetMet(sweep: SweepView): boolean | null {
  if (sweep.target === null || sweep.target === undefined || !sweep.best) return null;
  return sense(sweep) > 0 ? sweep.best.value >= sweep.target : sweep.best.value <= sweep.target;
}

/** 0 for the worst value, 1 for the best, by rank, so that one diverged trial hides nothing. */
export function strengths(values: readonly (number | null)[], toward: number): number[] {
  const known = values
    .map((value, i) => ({ value, i }))
    .filter((each): each is { value: number; i: number } => each.value !== null)
    .sort((a, b) => (toward > 0 ? a.value - b.value : b.value - a.value));
  const found = values.map(() => 0);
  known.forEach((each, rank) => {
    const tied = rank > 0 && known[rank - 1].value === each.value;
    found[each.i] = tied
      ? found[known[rank - 1].i]
      : known.length < 2
        ? 1
        : rank / (known.length - 1);
  });
  return found;
}

export interface Window {
  low: number;
  high: number;
  log: boolean;
  /** How many values lie outside on the bad side. */
  beyond: number;
}

const LOG_RATIO = 100;
const REACH = 3;
const VALUES_MIN = 10;

/** The range of values to look at: decades where they span decades, without the far worst. */
export function windowOf(values: readonly number[], toward: number): Window | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  let [low, high] = [sorted[0], sorted[sorted.length - 1]];
  if (values.length >= VALUES_MIN) {
    const at = (part: number) => sorted[Math.round(part * (sorted.length - 1))];
    const edge = at(toward > 0 ? 0.1 : 0.9);
    if (toward > 0 && edge - low > REACH * (high - edge) && high > edge)
      low = edge - (high - edge) * 0.25;
    else if (toward <= 0 && high - edge > REACH * (edge - low) && edge > low)
      high = edge + (edge - low) * 0.25;
  }
  const beyond = values.filter((value) => value < low || value > high).length;
  return { low, high, log: low > 0 && high / low >= LOG_RATIO, beyond };
}

const METHODS: Record<string, string> = { grid: 'Grid', random: 'Random', bayes: 'Bayes' };

/** `Bayes · minimise val/loss`, as far as it is known. */
export function methodWords(sweep: SweepView): string {
  const method = METHODS[sweep.method] ?? sweep.method;
  if (!sweep.metric) return `${method} · no metric`;
  const goal = sweep.goal === 'maximize' ? 'maximise' : 'minimise';
  return `${method} · ${goal} ${sweep.metric}`;
}

/** When trials are stopped early, as a sentence; nothing if they are not. */
export function earlyWords(config: Record<string, Json>): string {
  const early = config.early_terminate;
  if (early === null || typeof early !== 'object' || Array.isArray(early)) return '';
  const rows = looks(early);
  const after = rows.length
    ? ` after ${rows.slice(0, 5).join(', ')}${rows.length > 5 ? ', …' : ''} rows of the metric`
    : '';
  if (early.type === 'median')
    return `Median: a trial worse than the middle of the others is stopped${after}.`;
  return `Hyperband: only the best of every ${early.eta ?? 3} trials go on${after}.`;
}

const LOOKS_MAX = 8;

function looks(early: Record<string, Json>): number[] {
  const eta = Number(early.eta ?? 3);
  const least = Number(early.min_iter ?? 0);
  const most = Number(early.max_iter ?? 0);
  if (!(eta > 1)) return [];
  if (early.type === 'median')
    return least > 0 ? Array.from({ length: LOOKS_MAX }, (_, n) => least * (n + 1)) : [];
  const found: number[] = [];
  if (least > 0)
    for (let at = least; found.length < LOOKS_MAX && at < (most || Infinity); at *= eta)
      found.push(Math.floor(at));
  else
    for (let at = most / eta, n = 0; n < Number(early.s ?? 1) && at >= 1; at /= eta, n += 1)
      found.unshift(Math.floor(at));
  return [...new Set(found)];
}

/** When the sweep stops itself, as a sentence. */
export function breakerWords(config: Record<string, Json>): string {
  const runs = Number(config.stop_after_failures ?? 5);
  return runs > 0
    ? `If the first ${plural(runs, 'trial')} all fail or die of the same cause, no more are made.`
    : 'Repeated failures do not stop it: stop_after_failures is 0.';
}

export interface Way {
  name: string;
  code: string;
}

/** How one more agent is started. */
export function agentWays(
  base: string,
  sweep: Pick<SweepView, 'entity' | 'project' | 'id'>,
): Way[] {
  const path = `${sweep.entity}/${sweep.project}/${sweep.id}`;
  return [
    { name: 'heartline', code: `export HEARTLINE_BASE_URL=${base}\nheartline agent ${path}` },
    { name: 'wandb', code: `export WANDB_BASE_URL=${base}\nwandb agent ${path}` },
    {
      name: 'Python',
      code: `import heartline\n\nheartline.agent("${path}", function=train)`,
    },
  ];
}

const FILE = `# sweep.yaml
program: train.py
method: bayes
metric: {name: val/loss, goal: minimize}
parameters:
  lr: {distribution: log_uniform_values, min: 1.0e-5, max: 1.0e-2}
  dropout: {min: 0.0, max: 0.3}
  width: {values: [768, 1024, 2048]}`;

/** How a first sweep is made. */
export function sweepWays(base: string, entity: string, project: string): Way[] {
  return [
    {
      name: 'Heartline',
      code: `${FILE}

export HEARTLINE_BASE_URL=${base}
heartline sweep create sweep.yaml --entity ${entity} --project ${project}
heartline agent ${entity}/${project}/SWEEP_ID      # as told by the line above`,
    },
    {
      name: 'Python',
      code: `import heartline

def train():
    with heartline.init() as run:
        for step in range(100):
            run.log({"val/loss": loss_of(run.config.lr)})

sweep_id = heartline.sweep(
    {
        "method": "random",
        "metric": {"name": "val/loss", "goal": "minimize"},
        "parameters": {"lr": {"min": 1e-5, "max": 1e-2}},
    },
    project="${project}", entity="${entity}",
)
heartline.agent(sweep_id, function=train, count=20)`,
    },
    {
      name: 'wandb, unchanged',
      code: `${FILE}

export WANDB_BASE_URL=${base}
export WANDB_API_KEY=...   # make one under Settings
wandb sweep --entity ${entity} --project ${project} sweep.yaml
wandb agent ${entity}/${project}/SWEEP_ID`,
    },
  ];
}
