// A run's head and tabs. The tabs are pages of their own.
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { bulk, overrideState, stopRun } from '@/data/actions';
import { ApiError } from '@/data/client';
import { files, keys } from '@/data/queries';
import type { RunView } from '@/data/records';
import { compact } from '@/lib/format';
import { LIVE, STATES } from '@/lib/states';
import { Confirm, Menu } from '@/ui/dialog';
import { Icon } from '@/ui/icons';
import { useKeys } from '@/ui/keys';
import { Ago, ErrorCard, Skeleton } from '@/ui/parts';
import { RunBadge } from '@/ui/run-badge';
import { toast } from '@/ui/toast';
import { useRun } from './path';

export function RunFrame() {
  const { path, found } = useRun();
  if (
    found.error instanceof ApiError &&
    (found.error.status === 404 || found.error.status === 403 || found.error.status === 410)
  )
    throw found.error;
  if (found.error && !found.data)
    return (
      <div className="page">
        <ErrorCard error={found.error} retry={() => void found.refetch()} />
      </div>
    );
  if (!found.data)
    return (
      <div className="page">
        <Skeleton />
      </div>
    );
  const { run } = found.data;
  return (
    <div className="run-page">
      <header className="run-head">
        <div className="row wrap" style={{ alignItems: 'flex-start' }}>
          <h1 className="grow" title={run.name}>
            {run.name || run.id}
          </h1>
          <Actions run={run} />
        </div>
        <p className="row wrap run-verdict">
          <RunBadge run={run} big />
          <b className="any">{run.sentence}</b>
          <span className="quiet">
            {run.confidence} by the {run.said_by || 'server'} · <Ago at={run.since} />
            {(run.attempt ?? 0) > 1 && ` · attempt ${run.attempt}`}
          </span>
        </p>
        {run.stop && LIVE.has(run.state) && (
          <p className="quiet">
            Stop asked by {run.stop.by} <Ago at={run.stop.asked_at} />
            {run.stop.reason && `: ${run.stop.reason}`};{' '}
            {run.stop.acknowledged_at
              ? 'the process confirmed it and is saving.'
              : 'not confirmed by the process yet.'}
          </p>
        )}
        <Tabs />
      </header>
      <div className="run-body">
        <Outlet key={`${path.entity}/${path.project}/${path.id}`} />
      </div>
    </div>
  );
}

const TABS = [
  ['overview', 'Overview'],
  ['charts', 'Charts'],
  ['system', 'System'],
  ['logs', 'Logs'],
  ['files', 'Files'],
  ['code', 'Code'],
  ['timeline', 'Timeline'],
] as const;

function Tabs() {
  const { path } = useRun();
  const charts = useQuery(keys(path, false));
  const stored = useQuery(files(path));
  const n: Record<string, number | undefined> = {
    charts: charts.data?.length,
    files: stored.data?.length,
  };
  const params = { entity: path.entity, project: path.project, run: path.id };
  return (
    <nav className="tabs" aria-label="Parts of the run">
      {TABS.map(([tab, word]) => (
        <Link
          key={tab}
          to={`/$entity/$project/runs/$run/${tab}`}
          params={params}
          // What most people open next is there when they do.
          preload={tab === 'charts' ? 'render' : 'intent'}
          activeProps={{ 'aria-current': 'page' }}
          activeOptions={{ includeSearch: false }}
        >
          {word}
          {n[tab] !== undefined && <span className="n">{compact(n[tab])}</span>}
        </Link>
      ))}
    </nav>
  );
}

function Actions({ run }: { run: RunView }) {
  const router = useRouter();
  const [asked, ask] = useState<'stop' | 'delete' | 'state' | null>(null);
  const [state, setState] = useState('finished');
  const path = { entity: run.entity, project: run.project, id: run.id };
  const params = { entity: run.entity, project: run.project, run: run.id };
  const alive = LIVE.has(run.state);
  const close = () => ask(null);
  useKeys([
    {
      keys: 'l',
      words: 'Logs',
      act: () => void router.navigate({ to: '/$entity/$project/runs/$run/logs', params }),
    },
  ]);
  const remove = async () => {
    const { done, refused, kept_ms } = await bulk({ keys: [run.key], action: 'delete' });
    if (done.length === 0) throw new Error(refused[run.key]);
    const undo = () =>
      void bulk({ keys: done, action: 'undelete' }).then(
        (back) => toast(back.refused[run.key] ?? `${run.name} is back`),
        (error: Error) => toast(`Not brought back: ${error.message}`),
      );
    toast(`${run.name} is deleted`, kept_ms > 0 ? { undo } : {});
    await router.navigate({
      to: '/$entity/$project/runs',
      params: { entity: run.entity, project: run.project },
    });
  };
  return (
    <div className="row wrap">
      <button
        type="button"
        className="button"
        disabled={!alive || Boolean(run.stop)}
        onClick={() => ask('stop')}
      >
        {run.stop && alive ? 'Stopping' : 'Stop…'}
      </button>
      <Link
        className="button"
        to="/$entity/$project/compare"
        params={{ entity: run.entity, project: run.project }}
        search={{ runs: run.id } as never}
      >
        Compare
      </Link>
      <Menu label={<Icon name="more" />} className="button icon" title="More">
        {(shut) => (
          <>
            <button
              type="button"
              onClick={() => {
                shut();
                ask('state');
              }}
            >
              Set the state by hand…
            </button>
            <button
              type="button"
              className="hue-failed"
              style={{ color: 'var(--hue)' }}
              onClick={() => {
                shut();
                ask('delete');
              }}
            >
              Delete the run…
            </button>
          </>
        )}
      </Menu>
      <Confirm
        open={asked === 'stop'}
        onClose={close}
        title={`Stop ${run.name}?`}
        effect="The process is asked to stop at its next heartbeat. It saves what it has and ends as Killed, with your name and reason in its ledger."
        reason="Reason"
        action="Ask it to stop"
        onDo={(reason) => stopRun(path, reason)}
      />
      <Confirm
        open={asked === 'delete'}
        onClose={close}
        danger
        title={`Delete ${run.name}?`}
        effect={`Its metrics, logs, files and history are deleted.${alive ? ' It still runs: what it sends from then on is refused.' : ''} For a time it can be brought back, from the project’s overview.`}
        action="Delete"
        onDo={remove}
      />
      <Confirm
        open={asked === 'state'}
        onClose={close}
        title="Set the state by hand"
        reason="Reason (kept in the ledger with your name)"
        action="Set the state"
        onDo={(reason) => overrideState(path, state, reason)}
        effect={
          <label className="stack" style={{ gap: 4 }}>
            The evidence stays; the ledger says that you decided otherwise.
            <select
              className="field"
              value={state}
              onChange={(event) => setState(event.target.value)}
            >
              {STATES.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
        }
      />
    </div>
  );
}
