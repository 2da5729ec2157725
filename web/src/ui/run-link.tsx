// A run's name that leads to its page.
import { Link } from '@tanstack/react-router';

/** Where a run is found. */
export interface Placed {
  entity: string;
  project: string;
  id: string;
  name: string;
}

export function RunLink({ run, className = 'any' }: { run: Placed; className?: string }) {
  return (
    <Link
      to="/$entity/$project/runs/$run/overview"
      params={{ entity: run.entity, project: run.project, run: run.id }}
      className={className}
      title={run.name}
    >
      {run.name || run.id}
    </Link>
  );
}
