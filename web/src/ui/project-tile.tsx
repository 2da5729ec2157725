// A project as a card: its runs by state, and what its newest run came to. Never fetches.
import { Link } from '@tanstack/react-router';
import { plural } from '@/lib/format';
import { StateBar } from './glyph';
import { Ago } from './parts';
import { RunBadge, type Told } from './run-badge';

interface Project {
  entity: string;
  name: string;
  description?: string;
  runs?: number;
  states?: Record<string, number>;
  active_at?: number;
  newest?: (Told & { id: string; name: string }) | null;
}

/** `owner`: whether the entity is named too. */
export function ProjectTile({ project, owner }: { project: Project; owner: boolean }) {
  const { entity, name, newest, states = {}, runs = 0, active_at } = project;
  return (
    <Link
      to="/$entity/$project/workspace"
      params={{ entity, project: name }}
      className="project-tile"
    >
      <span className="row">
        <span className="cut grow">
          {owner && <span className="quiet">{entity}/</span>}
          <b>{name}</b>
        </span>
        {runs > 0 && (
          <span className="quiet small">
            <Ago at={active_at} />
          </span>
        )}
      </span>
      {newest ? (
        <span className="row">
          <RunBadge run={newest} inTable />
          <span className="cut small" title={newest.sentence}>
            {newest.name || newest.id}
          </span>
        </span>
      ) : (
        <span className="quiet small">No run yet</span>
      )}
      <span className="quiet small cut">{told(runs, states, project.description)}</span>
      <StateBar states={states} />
    </Link>
  );
}

function told(runs: number, states: Record<string, number>, description = ''): string {
  const live = states.running ? `, ${states.running} running` : '';
  const text = description.split('\n', 1)[0];
  return `${plural(runs, 'run')}${live}${text ? ` · ${text}` : ''}`;
}
