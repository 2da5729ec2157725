// Pages for what is not there, not yours, or broken. Never hides which of the three it is.

import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ApiError } from '@/data/client';
import { projects, runsFirst } from '@/data/queries';
import { wordsFilter } from '@/lib/query';
import { ErrorCard } from '@/ui/parts';

export function NotFound() {
  const found = useQuery({ ...projects, retry: false });
  return (
    <div className="page stack">
      <h1>Nothing is at this address</h1>
      <p className="quiet">
        Perhaps it was deleted, or the link is cut off. Runs keep answering at their id when they
        are renamed.
      </p>
      <Near />
      <ul className="stack" style={{ gap: 6 }}>
        <li>
          <Link to="/" className="link">
            Home
          </Link>
        </li>
        {found.data?.slice(0, 8).map((each) => (
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

/** An address that no page has, outside of everything. */
export function Nowhere() {
  return (
    <main id="main">
      <NotFound />
    </main>
  );
}

const NEAR_CHARS = 4;
const NEAR_MAX = 5;

/** Runs whose id or name begins alike. */
function Near() {
  const { entity = '', project = '', run = '' } = useParams({ strict: false });
  const filters = wordsFilter(run.slice(0, NEAR_CHARS));
  const found = useQuery({
    ...runsFirst({ entity, project, filters, order: '-created', select: [] }, NEAR_MAX),
    enabled: run !== '',
    retry: false,
  });
  if (!found.data || found.data.runs.length === 0) return null;
  return (
    <div>
      <p>Did you mean</p>
      <ul className="stack" style={{ gap: 6 }}>
        {found.data.runs.map((each) => (
          <li key={each.key}>
            <Link
              to="/$entity/$project/runs/$run/overview"
              params={{ entity, project, run: each.id }}
              className="link any"
            >
              {each.name || each.id}
            </Link>{' '}
            <code className="quiet any">{each.id}</code>
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
  const { project } = useParams({ strict: false });
  if (error instanceof ApiError && error.status === 404) return <NotFound />;
  if (error instanceof ApiError && error.status === 410) return <Deleted words={error.message} />;
  if (error instanceof ApiError && error.status === 403) {
    return (
      <div className="page stack">
        <h1>This is not yours to see</h1>
        <p>{error.message}</p>
        <p className="quiet">
          An admin of {project ? 'its team' : 'the server'} can make you a member under Settings.
        </p>
      </div>
    );
  }
  return (
    <div className="page stack">
      <h1>This page failed</h1>
      <ErrorCard error={error} retry={reset} />
    </div>
  );
}
