// The rows of Attention: one run to decide about, or several that ended alike. Never judges.
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { stopRun } from '@/data/actions';
import type { AttentionGroup, AttentionItem, RunView, SnoozedItem } from '@/data/records';
import { plural, sentence } from '@/lib/format';
import { quoted } from '@/lib/query';
import { causeWords } from '@/lib/states';
import { Confirm } from '@/ui/dialog';
import { Ago, At } from '@/ui/parts';
import { RunBadge } from '@/ui/run-badge';
import { Assign, Snooze, useCares } from './cares';

const SHOWN_MAX = 3;
const COMPARED_MAX = 10;

const place = (run: RunView) => ({ entity: run.entity, project: run.project });
const path = (run: RunView) => ({ ...place(run), run: run.id });

/** `data-keys` names the runs for the keys of the page. */
function Row({ runs, children }: { runs: RunView[]; children: ReactNode }) {
  const keys = runs.map((run) => run.key).join(',');
  return (
    <li className="attention-row" tabIndex={-1} data-keys={keys}>
      {children}
    </li>
  );
}

function RunLink({ run, strong = true }: { run: RunView; strong?: boolean }) {
  const name = run.name || run.id;
  return (
    <Link to="/$entity/$project/runs/$run/overview" params={path(run)} className="any">
      {strong ? <b>{name}</b> : name}
    </Link>
  );
}

function Where({ run }: { run: RunView }) {
  return (
    <span className="quiet">
      {' '}
      <Link to="/$entity/$project/runs" params={place(run)} className="any">
        {run.project}
      </Link>
      {run.user && ` · ${run.user}`}
    </span>
  );
}

/** What is done about it depends on what is wrong. */
function First({ item }: { item: AttentionItem }) {
  const { run, kind } = item;
  if ((kind === 'unreachable' || kind === 'disk') && run.host)
    return (
      <Link className="button" to="/hosts/$host" params={{ host: run.host }}>
        Open host
      </Link>
    );
  const [to, word] =
    kind === 'preempting'
      ? (['/$entity/$project/runs/$run/files', 'Files'] as const)
      : (['/$entity/$project/runs/$run/logs', 'Logs'] as const);
  return (
    <Link className="button" to={to} params={path(run)}>
      {word}
    </Link>
  );
}

export function Decide({ item, who }: { item: AttentionItem; who: string }) {
  const { run, kind } = item;
  const [asking, ask] = useState(false);
  return (
    <Row runs={[run]}>
      <span>
        <RunBadge run={run} />
      </span>
      <span>
        <RunLink run={run} />
        <Where run={run} />
        <br />
        <span className="any">{sentence(item.why)}.</span>
      </span>
      <span className="quiet small">{kind !== 'disk' && <Ago at={item.since} />}</span>
      <span className="row wrap">
        <First item={item} />
        {!run.stop && kind !== 'unreachable' && (
          <button type="button" className="button" onClick={() => ask(true)}>
            Stop…
          </button>
        )}
        <Snooze runs={[run]} />
        <Assign runs={[run]} now={who} />
      </span>
      <Confirm
        open={asking}
        onClose={() => ask(false)}
        title={`Stop ${run.name}?`}
        effect="The process is asked to stop; it saves and ends as Killed. If it does not answer, it stays in this list."
        reason="Reason (kept in the ledger)"
        action="Ask it to stop"
        onDo={(reason) => stopRun({ ...place(run), id: run.id }, reason)}
      />
    </Row>
  );
}

export function Ended({ group, who }: { group: AttentionGroup; who: string }) {
  const cares = useCares();
  const [first, ...others] = group.runs;
  const shown = others.slice(0, SHOWN_MAX - 1);
  return (
    <Row runs={group.runs}>
      <span>
        <RunBadge run={first} />
      </span>
      <span>
        <RunLink run={first} />
        {shown.map((run) => (
          <span key={run.key}>
            , <RunLink run={run} strong={false} />
          </span>
        ))}
        {others.length > shown.length && <span> and {others.length - shown.length} more</span>}
        <Where run={first} />
        <br />
        <span className="any">{told(group)}</span>
      </span>
      <span className="quiet small">
        <Ago at={first.ended_at ?? first.since} />
        {others.length > 0 && ' and before'}
      </span>
      <span className="row wrap">
        <Why group={group} />
        <button type="button" className="button" onClick={() => cares.see(group.runs)}>
          Seen
        </button>
        <Snooze runs={group.runs} />
        <Assign runs={group.runs} now={who} />
      </span>
    </Row>
  );
}

/** What happened, and what all of them share. */
function told(group: AttentionGroup): string {
  const [first, ...others] = group.runs;
  const shared = group.shared ? ` ${sentence(group.shared)}.` : '';
  const end = first.sentence.endsWith('.') ? '' : '.';
  if (others.length === 0) return first.sentence + end;
  const cause = causeWords(group.cause) || group.cause;
  return `${plural(group.runs.length, 'run')}, ${cause}. Newest: ${first.sentence}${end}${shared}`;
}

/** One run: why it ended. Several of a project: side by side. */
function Why({ group }: { group: AttentionGroup }) {
  const [first, ...others] = group.runs;
  const one = group.runs.every(
    (run) => run.project === first.project && run.entity === first.entity,
  );
  if (others.length === 0)
    return (
      <Link className="button" to="/$entity/$project/runs/$run/overview" params={path(first)}>
        Why
      </Link>
    );
  const filter = `state = ${group.state} and cause = ${quoted(group.cause)}`;
  const runs = group.runs.slice(0, COMPARED_MAX).map((run) => run.id);
  return one ? (
    <Link
      className="button"
      to="/$entity/$project/compare"
      params={place(first)}
      search={{ runs: runs.join(',') } as never}
    >
      Compare {runs.length}
    </Link>
  ) : (
    <Link
      className="button"
      to="/$entity/$project/runs"
      params={place(first)}
      search={{ f: filter } as never}
    >
      Its runs
    </Link>
  );
}

export function Snoozed({ item }: { item: SnoozedItem }) {
  const cares = useCares();
  return (
    <Row runs={[item.run]}>
      <span>
        <RunBadge run={item.run} inTable />
      </span>
      <span>
        <RunLink run={item.run} strong={false} />
        <Where run={item.run} />
        <br />
        <span className="any quiet">{sentence(item.why)}.</span>
      </span>
      <span className="quiet small">
        {item.until === null ? (
          'until it changes'
        ) : (
          <>
            until <At at={item.until} />
          </>
        )}
      </span>
      <span className="row wrap">
        <button type="button" className="button" onClick={() => cares.wake([item.run])}>
          Wake
        </button>
      </span>
    </Row>
  );
}
