// What the ledger tells, arranged for the eye: lanes, evidence, groups. Never concludes anything.
import type { Json, LedgerEntry, RunView } from '@/data/records';
import { bytes, duration, number } from '@/lib/format';

export { flat, internal } from '@/lib/flat';

export interface Stretch {
  from: number;
  to: number;
  state: string;
  /** Nothing was heard: told afterwards by the ledger. */
  silent: boolean;
}

export interface Lane {
  attempt: number;
  host: string;
  stretches: Stretch[];
  end: { at: number; state: string; presumed: boolean } | null;
}

const LIVE = new Set(['pending', 'running', 'preempting']);

/** When it happened: by its client's word if it was told late, else when the server heard of it. */
export function when(entry: LedgerEntry): number {
  return Number(entry.evidence.happened_at ?? entry.at);
}

/** One lane for each attempt, from entries in order; `until` is where a live one is drawn to. */
export function lanes(ledger: readonly LedgerEntry[], until: number): Lane[] {
  const found = new Map<number, Lane>();
  const firstAttempt = ledger.find((each) => each.attempt > 0)?.attempt ?? 1;
  let open: Stretch | null = null;
  for (const entry of ledger) {
    // Of an attempt that was over before the newest began: told of then, not lived then.
    if (entry.input === 'Recalled') continue;
    const attempt = entry.attempt || firstAttempt;
    let lane = found.get(attempt);
    if (!lane) {
      lane = { attempt, host: '', stretches: [], end: null };
      found.set(attempt, lane);
      open = null;
    }
    lane.host ||= entry.host ?? '';
    if (open) open.to = Math.max(open.from, when(entry));
    const silence = entry.cause === 'heard_again' ? Number(entry.evidence.silent_ms ?? 0) : 0;
    if (silence > 0)
      lane.stretches.push({
        from: when(entry) - silence,
        to: when(entry),
        state: 'silent',
        silent: true,
      });
    if (LIVE.has(entry.after)) {
      if (!open || open.state !== entry.after) {
        open = { from: when(entry), to: when(entry), state: entry.after, silent: false };
        lane.stretches.push(open);
      }
      lane.end = null;
    } else {
      open = null;
      lane.end = { at: when(entry), state: entry.after, presumed: entry.confidence === 'presumed' };
    }
  }
  if (open) open.to = Math.max(open.from, until);
  return [...found.values()];
}

/** Newest first, by attempt. */
export function byAttempt(
  ledger: readonly LedgerEntry[],
): { attempt: number; entries: LedgerEntry[] }[] {
  const groups: { attempt: number; entries: LedgerEntry[] }[] = [];
  for (const entry of ledger.toReversed()) {
    const last = groups.at(-1);
    if (last && (last.attempt === entry.attempt || entry.attempt === 0)) last.entries.push(entry);
    else groups.push({ attempt: entry.attempt, entries: [entry] });
  }
  return groups;
}

/** Entries whose verdict a later one of the same attempt took back. */
export function takenBack(ledger: readonly LedgerEntry[]): Set<number> {
  const found = new Set<number>();
  ledger.forEach((entry, i) => {
    if (LIVE.has(entry.after) || entry.confidence !== 'presumed') return;
    const later = ledger
      .slice(i + 1)
      .find((each) => each.attempt === entry.attempt && each.before === entry.after);
    if (later && later.after !== entry.after) found.add(entry.seq);
  });
  return found;
}

/** The entry that tells why the run is as it is. */
export function explaining(ledger: readonly LedgerEntry[], run: RunView): LedgerEntry | null {
  // Of several ranks the one to blame may have ended while others still ran.
  const own = ledger.filter((e) => e.after === run.state || e.writer_state === run.state);
  return (
    own.findLast((entry) => entry.sentence === run.sentence) ??
    own.findLast((entry) => entry.cause === run.cause) ??
    own.at(-1) ??
    null
  );
}

export interface Fact {
  name: string;
  value: string;
  source: string;
}

/** Who witnessed an end, in the words of `heartline show`. */
const WITNESSES: Record<string, string> = {
  pidfd: 'the kernel, as the process ended',
  zombie: "the kernel's record of the ended process",
  exit: 'the program itself, as it left',
  launcher: 'the launcher, the parent of the process',
  lease: 'the server, which heard nothing in time',
  sdk: 'the program itself',
  notes: 'what the program noted before it was gone',
  wandb: 'its wandb client',
  agent: 'the agent of its sweep',
  sweep: 'its sweep',
  spool: 'its spool, which was sent later',
};

/** Evidence as a table; what is long (traceback, last lines) is shown elsewhere. */
export function facts(entry: LedgerEntry): Fact[] {
  const e = entry.evidence;
  const witness = WITNESSES[String(e.source)] ?? entry.by;
  const found: Fact[] = [];
  const add = (name: string, value: string, source = witness) =>
    found.push({ name, value, source });
  const has = (key: string) => e[key] !== undefined && e[key] !== null && e[key] !== '';
  if (has('exit_code') || has('signal')) add('Exit status', exit(e));
  if (has('oom_kills_after'))
    add(
      'OOM counter',
      `oom_kill ${words(e.oom_kills_before)} → ${words(e.oom_kills_after)}`,
      'kernel, memory.events',
    );
  if (has('memory_bytes'))
    add(
      'Memory',
      `${bytes(Number(e.memory_bytes))}${has('memory_limit_bytes') ? ` of ${bytes(Number(e.memory_limit_bytes))}` : ''}`,
    );
  if (has('exception')) add('Exception', String(e.exception), WITNESSES.sdk);
  if (has('scheduler')) add('Scheduler', String(e.scheduler), 'scheduler');
  if (has('silent_ms'))
    add(
      'Silence',
      `${duration(Number(e.silent_ms))}${has('lease_ms') ? `, lease ${duration(Number(e.lease_ms))}` : ''}`,
      'server',
    );
  if (has('heartbeat_at'))
    add('Last heartbeat', new Date(Number(e.heartbeat_at)).toLocaleString('en-GB'), 'server');
  if (entry.rank !== null && entry.rank !== undefined)
    add('Rank', `${entry.rank}${entry.host ? ` on ${entry.host}` : ''}`);
  if (entry.reason) add('Reason', entry.reason, entry.by);
  for (const note of Array.isArray(e.notes) ? e.notes : []) add('Note', String(note));
  return found;
}

function exit(e: Record<string, Json>): string {
  const parts = [];
  if (e.exit_code !== undefined && e.exit_code !== null) parts.push(`code ${e.exit_code}`);
  if (e.signal) parts.push(String(e.signal));
  if (e.core_dumped) parts.push('core dumped');
  return parts.join(', ');
}

function words(value: Json | undefined): string {
  return value === undefined || value === null ? '–' : String(value);
}

/** What did not happen, as far as the ledger shows. */
export function denials(ledger: readonly LedgerEntry[], run: RunView): string[] {
  const found = [];
  if (!ledger.some((entry) => entry.input === 'StopAsked')) found.push('No one asked for a stop.');
  if (run.last_step !== undefined && run.last_step >= 0)
    found.push(`The last step that arrived is ${number(run.last_step)}.`);
  return found;
}

/** How the same training is started again as the same run. */
export function resumeCommand(run: RunView): string {
  const command = run.environment?.command;
  const told = Array.isArray(command)
    ? command.map((part) => shell(String(part))).join(' ')
    : 'python train.py';
  return `HEARTLINE_RUN_ID=${shell(run.id)} HEARTLINE_RESUME=must ${told}`;
}

function shell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
