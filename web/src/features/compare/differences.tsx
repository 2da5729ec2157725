// Runs as columns, values as rows; what is the same everywhere is out of the way.
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { runsFirst } from '@/data/queries';
import type { Json, RunView } from '@/data/records';
import { duration, number, plural, setting } from '@/lib/format';
import { wordsFilter } from '@/lib/query';
import { Menu } from '@/ui/dialog';
import { Card } from '@/ui/parts';
import { CauseWords, RunBadge } from '@/ui/run-badge';
import { compared, type Line, mediaOf } from './model';

const LINES_MAX = 400;
/** Of a longer list the rest is in the tooltip. */
const LIST_CHARS_MAX = 160;

export function Differences({
  entity,
  project,
  runs,
  lost,
}: {
  entity: string;
  project: string;
  runs: RunView[];
  lost: string[];
}) {
  const [all, showAll] = useState(false);
  const navigate = useNavigate();
  const go = (ids: string[]) =>
    void navigate({
      to: '/$entity/$project/compare',
      params: { entity, project },
      search: { runs: ids.join(',') } as never,
    });
  const ids = runs.map((run) => run.id);
  const config = compared(runs.map((run) => run.config));
  const summary = compared(runs.map((run) => run.summary));
  const environment = compared(runs.map((run) => run.environment));
  const differ = [...config, ...summary, ...environment].filter((line) => line.differs).length;
  return (
    <>
      <div className="row wrap">
        <h1 className="grow">
          {runs.length === 1
            ? 'Compare with…'
            : `${plural(runs.length, 'run')}, ${plural(differ, 'value')} ${differ === 1 ? 'differs' : 'differ'}`}
        </h1>
        <label className="row">
          <input
            type="checkbox"
            checked={all}
            onChange={(event) => showAll(event.target.checked)}
          />{' '}
          Show what is the same
        </label>
        <Add entity={entity} project={project} taken={ids} onAdd={(id) => go([...ids, id])} />
      </div>
      {lost.length > 0 && <p className="quiet any">Not found: {lost.join(', ')}</p>}
      <Card title="Values" className="compare-card">
        <div className="scroll-x" tabIndex={0} role="group" aria-label="Values of the runs">
          <table className="plain compare">
            <thead>
              <tr>
                <th scope="col">
                  <span className="unseen">Value</span>
                </th>
                {runs.map((run) => (
                  <th scope="col" key={run.key}>
                    <Link
                      to="/$entity/$project/runs/$run/overview"
                      params={{ entity, project, run: run.id }}
                      className="any"
                    >
                      <b>{run.name || run.id}</b>
                    </Link>
                    {runs.length > 1 && (
                      <button
                        type="button"
                        className="button plain icon"
                        aria-label={`Leave out ${run.name}`}
                        onClick={() => go(ids.filter((id) => id !== run.id))}
                      >
                        ×
                      </button>
                    )}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              <tr>
                <th scope="row">State</th>
                {runs.map((run) => (
                  <td key={run.key}>
                    <span className="row wrap">
                      <RunBadge run={run} inTable /> <CauseWords run={run} />
                    </span>
                  </td>
                ))}
              </tr>
              <tr>
                <th scope="row">Ran</th>
                {runs.map((run) => (
                  <td key={run.key}>{duration(run.duration_ms)}</td>
                ))}
              </tr>
              <Part name="config" lines={config} all={all} columns={runs.length} />
              <Part name="summary" lines={summary} all={all} columns={runs.length} />
              <Part name="environment" lines={environment} all={all} columns={runs.length} />
            </tbody>
          </table>
        </div>
      </Card>
    </>
  );
}

function Part({
  name,
  lines,
  all,
  columns,
}: {
  name: string;
  lines: Line[];
  all: boolean;
  columns: number;
}) {
  const shown = lines.filter((line) => all || line.differs || columns === 1).slice(0, LINES_MAX);
  if (shown.length === 0) return null;
  return (
    <>
      <tr className="part">
        <th colSpan={columns + 1} scope="colgroup">
          {name}
        </th>
      </tr>
      {shown.map((line) => (
        <tr key={line.key} className={line.differs && columns > 1 ? 'differs' : ''}>
          <th scope="row">
            <code className="any">{line.key}</code>
          </th>
          {line.values.map((value, i) => (
            <Value key={i} value={value} part={name} />
          ))}
        </tr>
      ))}
    </>
  );
}

function Value({ value, part }: { value: Json | undefined; part: string }) {
  const text = words(value, part);
  const clipped = Array.isArray(value) && text.length > LIST_CHARS_MAX;
  return (
    <td className="any" title={clipped ? text : undefined}>
      {clipped ? `${text.slice(0, LIST_CHARS_MAX)}…` : text}
    </td>
  );
}

function words(value: Json | undefined, part: string): string {
  if (value === undefined) return '–';
  return mediaOf(value) || (part === 'summary' ? number(value, 6) : setting(value));
}

function Add({
  entity,
  project,
  taken,
  onAdd,
}: {
  entity: string;
  project: string;
  taken: string[];
  onAdd: (id: string) => void;
}) {
  return (
    <Menu label="Add a run…" title="Add a run" width={300}>
      {(close) => (
        <Search
          entity={entity}
          project={project}
          taken={taken}
          onAdd={(id) => {
            close();
            onAdd(id);
          }}
        />
      )}
    </Menu>
  );
}

function Search({
  entity,
  project,
  taken,
  onAdd,
}: {
  entity: string;
  project: string;
  taken: string[];
  onAdd: (id: string) => void;
}) {
  const [typed, setTyped] = useState('');
  const found = useQuery(
    runsFirst({ entity, project, filters: wordsFilter(typed), order: '-created', select: [] }, 20),
  );
  return (
    <>
      <input
        className="field"
        style={{ width: '100%' }}
        placeholder="Name"
        aria-label="Name of a run"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {found.data?.runs
        .filter((run) => !taken.includes(run.id))
        .map((run) => (
          <button key={run.key} type="button" onClick={() => onAdd(run.id)}>
            <span className="cut grow">{run.name || run.id}</span>
            <RunBadge run={run} inTable />
          </button>
        ))}
    </>
  );
}
