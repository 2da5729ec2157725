// Pages for what is not there, not yours, or broken. Never hides which of the three it is.

import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ApiError } from '@/data/client';
import { projects, runsFirst, viewer } from '@/data/queries';
import type { RunView } from '@/data/records';
import { sentence } from '@/lib/format';
import { nearest, parts } from '@/lib/near';
import { quoted } from '@/lib/query';
import { ErrorCard } from '@/ui/parts';
import { RunLink } from '@/ui/run-link';

const PROJECTS_MAX = 8;

export function NotFound({ words = '' }: { words?: string }) {
  const { entity = '', project = '' } = useParams({ strict: false });
  const found = useQuery({ ...projects, retry: false });
  const known = found.data ?? [];
  const meant = nearest(project, known, (each) => [each.name], PROJECTS_MAX);
  const here = known.some((each) => each.entity === entity && each.name === project);
  const shown = here || meant.length === 0 ? known.slice(0, PROJECTS_MAX) : meant;
  return (
    <div className="page stack">
      <h1>Nothing is at this address</h1>
      <p className="any">
        {words
          ? `${sentence(words)}.`
          : 'Perhaps it was deleted, or the link is cut off. Runs keep answering at their id when they are renamed.'}
      </p>
      <Grant />
      <Near />
      <ul className="stack" style={{ gap: 6 }}>
        <li>
          <Link to="/" className="link">
            Home
          </Link>
        </li>
        {shown.map((each) => (
          <li key={`${each.entity}/${each.name}`}>
            <Link
              to="/$entity/$project/runs"
              params={{ entity: each.entity, project: each.name }}
              className="link any"
            >
              {each.entity}/{each.name}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Who can let one in, where one does not belong. */
function Grant() {
  const { entity } = useParams({ strict: false });
  const me = useQuery(viewer).data;
  if (!entity || !me || me.admin || me.name === entity || me.teams?.includes(entity)) return null;
  return (
    <p className="quiet any">
      You are {me.name}, and no member of {entity}. If it is there, an admin of {entity} can make
      you one, under Settings, Teams.
    </p>
  );
}

/** An address that no page has, outside of everything. */
export function Nowhere() {
  return (
    <main id="main">
      <NotFound />
    </main>
  );
}

const NEAR_MAX = 5;
const LOOKED_AT = 200;

/** Where a run of this id is now, or else the runs whose ids or names are nearest. */
function Near() {
  const { entity = '', project = '', run = '' } = useParams({ strict: false });
  const asked = { order: '-created', select: [] };
  const moved = useQuery({
    ...runsFirst({ entity: '', project: '', filters: `id = ${quoted(run)}`, ...asked }, NEAR_MAX),
    enabled: run !== '',
    retry: false,
  });
  const alike = parts(run).map((part) => {
    const pattern = quoted(`(?i)${part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}`);
    return `id ~ ${pattern} or name ~ ${pattern}`;
  });
  const found = useQuery({
    ...runsFirst({ entity, project, filters: alike.join(' or '), ...asked }, LOOKED_AT),
    enabled: run !== '',
    retry: false,
  });
  const elsewhere = moved.data?.runs ?? [];
  const near = nearest(run, found.data?.runs ?? [], (each) => [each.id, each.name], NEAR_MAX);
  if (elsewhere.length > 0)
    return <Runs title="A run with this id is in another project" runs={elsewhere} placed />;
  return near.length > 0 ? <Runs title="Did you mean" runs={near} /> : null;
}

function Runs({
  title,
  runs,
  placed = false,
}: {
  title: string;
  runs: RunView[];
  placed?: boolean;
}) {
  return (
    <div>
      <p>{title}</p>
      <ul className="stack" style={{ gap: 6 }}>
        {runs.map((each) => (
          <li key={each.key}>
            {placed && (
              <span className="quiet any">
                {each.entity}/{each.project}/
              </span>
            )}
            <RunLink run={each} className="link any" /> <code className="quiet any">{each.id}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Deleted({ words }: { words: string }) {
  const { entity, project } = useParams({ strict: false });
  return (
    <div className="page stack">
      <h1>This was deleted</h1>
      <p className="any">{words}</p>
      {entity && project && (
        <p>
          <Link to="/$entity/$project/runs" params={{ entity, project }} className="link any">
            The other runs of {project}
          </Link>
        </p>
      )}
    </div>
  );
}

export function Failed({ error, reset }: { error: unknown; reset?: () => void }) {
  const { entity } = useParams({ strict: false });
  if (error instanceof ApiError && error.status === 404) return <NotFound words={error.message} />;
  if (error instanceof ApiError && error.status === 410) return <Deleted words={error.message} />;
  if (error instanceof ApiError && error.status === 403) {
    return (
      <div className="page stack">
        <h1>This is not yours to see</h1>
        <p className="any">{sentence(error.message)}.</p>
        <p className="quiet any">
          An admin of {entity || 'the server'} can change that, under Settings.
        </p>
      </div>
    );
  }
  if (notLoaded(error)) return <NotLoaded />;
  return (
    <div className="page stack">
      <h1>This page failed</h1>
      <ErrorCard error={error} retry={reset} />
    </div>
  );
}

/** A part of the app is fetched when it is first opened; each browser says in its own words that it was not. */
function notLoaded(error: unknown): boolean {
  const words = error instanceof Error ? error.message : '';
  return /dynamically imported module|importing a module script|preload CSS/i.test(words);
}

function NotLoaded() {
  return (
    <div className="page stack">
      <h1>This page did not load</h1>
      <p>
        Either the server does not answer just now, or it was updated since this tab was opened.
        What other pages show stays.
      </p>
      <p>
        <button type="button" className="button" onClick={() => location.reload()}>
          Reload
        </button>
      </p>
    </div>
  );
}
