// Why a run ended as it did, from its own ledger. Says what is not known.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { host as hostQuery } from '@/data/places';
import { consoleTail, type RunPath, runsFirst, window as windowQuery } from '@/data/queries';
import type { LedgerEntry, RunView } from '@/data/records';
import { bytes, clock, plural } from '@/lib/format';
import { quoted } from '@/lib/query';
import { BADGES, shownState } from '@/lib/states';
import { HostLink } from '@/ui/host-link';
import { CopyBlock, CopyButton, useNow } from '@/ui/parts';
import { AnsiLine } from './ansi-line';
import { denials, explaining, facts, resumeCommand } from './model';

const HEADINGS: Record<string, string> = {
  crashed: 'Why it crashed',
  failed: 'Why it failed',
  killed: 'Why it was killed',
  preempted: 'Why it was preempted',
  unreachable: 'Why it is shown as unreachable',
  stalled: 'Why it is shown as stalled',
  stopping: 'It was asked to stop',
  preempting: 'It is being preempted',
};
const SILENT = new Set(['unreachable', 'lost_heartbeat', 'vanished']);
const TAIL = 12;
const AROUND_END_MS = 10 * 60_000;

export function WhyCard({
  run,
  ledger,
  path,
}: {
  run: RunView;
  ledger: readonly LedgerEntry[];
  path: RunPath;
}) {
  const shown = shownState(run.state, run.qualifier ?? '');
  const heading = HEADINGS[shown];
  const entry = explaining(ledger, run);
  if (!heading) return null;
  const table = entry && run.state === entry.after ? facts(entry) : [];
  const traceback = entry?.evidence.traceback;
  const native = entry?.evidence.native_stack;
  return (
    <section className={`card why hue-${BADGES[shown].hue}`}>
      <header>
        <h2>{heading}</h2>
        <span className="grow" />
        <Link
          className="quiet small link"
          to="/$entity/$project/runs/$run/timeline"
          params={{ entity: path.entity, project: path.project, run: path.id }}
        >
          How this was decided
        </Link>
      </header>
      <div className="body stack">
        <div>
          <p className="lead any">
            {run.sentence}
            {/[.!?]$/.test(run.sentence) ? '' : '.'}
          </p>
          <p className="quiet-2">
            {denials(ledger, run).join(' ')}{' '}
            {run.confidence === 'presumed' &&
              'This is presumed: if the run is heard again, the verdict is taken back.'}
          </p>
          {run.host && SILENT.has(shown === 'unreachable' ? shown : run.cause) && (
            <Neighbours run={run} host={run.host} />
          )}
        </div>
        {table.length > 0 && (
          <table className="plain facts">
            <tbody>
              {table.map((fact) => (
                <tr key={fact.name + fact.value}>
                  <th scope="row">{fact.name}</th>
                  <td className="any">
                    <b>{fact.value}</b>
                    {fact.name === 'Memory' && (
                      <MemoryTrend
                        run={run}
                        limit={Number(entry?.evidence.memory_limit_bytes ?? 0)}
                      />
                    )}
                  </td>
                  <td className="quiet small right">{fact.source}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {typeof traceback === 'string' && traceback && <Trace title="Traceback" text={traceback} />}
        {typeof native === 'string' && native && <Trace title="Native stack" text={native} />}
        <Tail path={path} />
        <Actions run={run} path={path} />
      </div>
    </section>
  );
}

/** Who fell silent on the same host at the same time: then it is the host that was lost. */
function Neighbours({ run, host }: { run: RunView; host: string }) {
  const found = useQuery({ ...hostQuery(host), refetchInterval: false });
  const told = found.data?.silences.find((each) => each.runs.includes(run.key));
  if (!told) return null;
  return (
    <p className="any">
      {told.sentence}: <HostLink host={host} />
    </p>
  );
}

function Trace({ title, text }: { title: string; text: string }) {
  return (
    <details open={text.length < 4000}>
      <summary>
        <b>{title}</b>
      </summary>
      <CopyBlock text={text} />
    </details>
  );
}

function Tail({ path }: { path: RunPath }) {
  const found = useQuery(consoleTail(path, TAIL));
  const now = useNow();
  if (!found.data?.lines.length) return null;
  return (
    <pre className="block log-tail" tabIndex={0} aria-label="Last lines of the log">
      {found.data.lines.map(([n, stream, at, text]) => (
        <div key={`${stream}${n}`} className={stream === 'stderr' ? 'stderr' : ''}>
          <span className="quiet">{clock(at, now).slice(-8)} </span>
          <AnsiLine text={text} />
        </div>
      ))}
    </pre>
  );
}

function Actions({ run, path }: { run: RunView; path: RunPath }) {
  const term = `state = ${run.state} and cause = ${quoted(run.cause)}`;
  const alike = useQuery(
    runsFirst(
      { entity: path.entity, project: path.project, filters: term, order: '', select: [] },
      0,
    ),
  );
  const place = { entity: path.entity, project: path.project };
  const end = run.ended_at ?? run.since;
  return (
    <div className="row wrap">
      <CopyButton text={resumeCommand(run)} label="Copy resume command" />
      {(alike.data?.total ?? 0) > 1 && (
        <Link
          className="button"
          to="/$entity/$project/runs"
          params={place}
          search={{ f: term } as never}
        >
          {plural(alike.data?.total ?? 0, 'run')} with this cause
        </Link>
      )}
      <Link
        className="button"
        to="/$entity/$project/runs/$run/charts"
        params={{ ...place, run: run.id }}
        search={{ x: '_timestamp', z: `${end - AROUND_END_MS}~${end + 1000}` } as never}
      >
        Charts around the end
      </Link>
      <Link
        className="button"
        to="/$entity/$project/runs/$run/logs"
        params={{ ...place, run: run.id }}
        search={{ end: '1' } as never}
      >
        Log
      </Link>
    </div>
  );
}

function MemoryTrend({ run, limit }: { run: RunView; limit: number }) {
  const found = useQuery(
    windowQuery(
      { runs: [run.key], keys: ['process.memory_bytes'], x: '_timestamp', width: 60 },
      true,
    ),
  );
  const line = found.data?.[0];
  if (!line || line.x.length < 2) return null;
  const top = Math.max(limit, ...line.max);
  const [from, to] = [line.x[0], line.x[line.x.length - 1]];
  const points = Array.from(
    line.x,
    (x, i) => `${((x - from) / Math.max(1, to - from)) * 78 + 1},${19 - (line.max[i] / top) * 16}`,
  );
  return (
    <svg
      width="80"
      height="20"
      role="img"
      aria-label={`memory from ${bytes(line.min[0])} to ${bytes(line.max[line.max.length - 1])}`}
      style={{ marginLeft: 8, verticalAlign: 'middle' }}
    >
      {limit > 0 && (
        <path d={`M0 ${19 - (limit / top) * 16}H80`} stroke="var(--ink-3)" strokeDasharray="2 2" />
      )}
      <polyline points={points.join(' ')} fill="none" stroke="var(--ink)" strokeWidth="1.3" />
    </svg>
  );
}
