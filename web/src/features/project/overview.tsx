// A project: what it is about, how its runs stand, how they ended of late.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { deleteProject, describeProject, firstKey } from '@/data/actions';
import { project as projectQuery, runsFirst } from '@/data/queries';
import { count, plural } from '@/lib/format';
import { BADGES, STATES } from '@/lib/states';
import { Confirm } from '@/ui/dialog';
import { FirstRun } from '@/ui/first-run';
import { Glyph, StateBar } from '@/ui/glyph';
import { Ago, At, Card, ErrorCard, Pairs, Skeleton } from '@/ui/parts';
import { CauseWords, RunBadge } from '@/ui/run-badge';
import { Days } from './days';
import { DeletedRuns } from './deleted';

const RECENT = 8;

export function ProjectOverview() {
  const { entity = '', project = '' } = useParams({ strict: false });
  const found = useQuery(projectQuery(entity, project));
  const recent = useQuery(
    runsFirst({ entity, project, filters: '', order: '-created', select: [] }, RECENT),
  );
  if (found.error) throw found.error;
  if (!found.data)
    return (
      <div className="page">
        <Skeleton />
      </div>
    );
  const { states = {}, runs = 0, sweeps = 0, created_at, description = '' } = found.data;
  return (
    <div className="page stack">
      <h1>{project}</h1>
      <Description entity={entity} project={project} text={description} />
      {runs === 0 ? (
        <Card title="Your first run">
          <FirstRun project={project} makeKey={firstKey} />
        </Card>
      ) : (
        <div className="overview">
          <div className="stack">
            <Card title="Runs now" note={plural(runs, 'run')}>
              <StateBar states={states} />
              <ul className="state-counts">
                {STATES.filter((state) => states[state]).map((state) => (
                  <li key={state}>
                    <Link
                      to="/$entity/$project/runs"
                      params={{ entity, project }}
                      search={{ st: state } as never}
                      className="facet"
                    >
                      <Glyph state={state} />
                      {BADGES[state].word} <b>{count(states[state])}</b>
                    </Link>
                  </li>
                ))}
              </ul>
            </Card>
            <Card title="How runs ended" note="the last 14 days">
              <Days entity={entity} project={project} />
            </Card>
            <Card title="Newest runs">
              <ul>
                {recent.data?.runs.map((run) => (
                  <li key={run.key} className="recent-row three">
                    <Link
                      to="/$entity/$project/runs/$run/overview"
                      params={{ entity, project, run: run.id }}
                      className="cut"
                    >
                      {run.name || run.id}
                    </Link>
                    <span className="row" style={{ minWidth: 0 }}>
                      <RunBadge run={run} inTable /> <CauseWords run={run} />
                    </span>
                    <span className="quiet small right">
                      <Ago at={run.created_at} />
                    </span>
                  </li>
                ))}
              </ul>
            </Card>
            <DeletedRuns entity={entity} project={project} />
          </div>
          <div className="stack">
            <Card title="Details">
              <Pairs
                items={[
                  ['Owner', entity],
                  ['Created', <At key="c" at={created_at} />],
                  [
                    'Newest run',
                    recent.data?.runs[0] ? (
                      <Ago key="n" at={recent.data.runs[0].created_at} />
                    ) : (
                      '–'
                    ),
                  ],
                  ['Runs', count(runs)],
                  ['Sweeps', count(sweeps)],
                  ['Seen by', `members of ${entity}, and admins of this server`],
                ]}
              />
            </Card>
            <Remove entity={entity} project={project} runs={runs} />
          </div>
        </div>
      )}
      {runs === 0 && (
        <>
          <DeletedRuns entity={entity} project={project} />
          <Remove entity={entity} project={project} runs={runs} />
        </>
      )}
    </div>
  );
}

function Description({ entity, project, text }: { entity: string; project: string; text: string }) {
  const cache = useQueryClient();
  const [said, say] = useState<string | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const save = async () => {
    try {
      await describeProject(entity, project, said ?? '');
      await cache.invalidateQueries({ queryKey: ['project', entity, project] });
      say(null);
    } catch (error) {
      setFault(error);
    }
  };
  if (said === null) {
    return (
      <p className="row wrap">
        {text && (
          <span className="any" style={{ whiteSpace: 'pre-wrap' }}>
            {text}
          </span>
        )}
        <button
          type="button"
          className="button plain"
          style={text ? undefined : { marginLeft: -11 }}
          onClick={() => say(text)}
        >
          {text ? 'Edit' : 'Add a description…'}
        </button>
      </p>
    );
  }
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <textarea
        className="field"
        rows={3}
        aria-label="Description"
        value={said}
        onChange={(event) => say(event.target.value)}
      />
      {fault ? <ErrorCard error={fault} /> : null}
      <div className="row">
        <button type="submit" className="button primary">
          Save
        </button>
        <button type="button" className="button" onClick={() => say(null)}>
          Cancel
        </button>
      </div>
    </form>
  );
}

function Remove({ entity, project, runs }: { entity: string; project: string; runs: number }) {
  const [asked, ask] = useState(false);
  const navigate = useNavigate();
  if (runs > 0) return null;
  return (
    <div>
      <button type="button" className="button danger" onClick={() => ask(true)}>
        Delete the project…
      </button>
      <Confirm
        open={asked}
        onClose={() => ask(false)}
        danger
        title={`Delete ${project}?`}
        effect="It has no runs. Its description and saved views are deleted."
        action="Delete"
        onDo={() => deleteProject(entity, project).then(() => navigate({ to: '/' }))}
      />
    </div>
  );
}
