// Pages for what is not there, not yours, or broken. Never hides which of the three it is.

import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ApiError } from '@/data/client';
import { projects } from '@/data/queries';
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

export function Failed({ error, reset }: { error: unknown; reset?: () => void }) {
  const { project } = useParams({ strict: false });
  if (error instanceof ApiError && error.status === 404) return <NotFound />;
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
