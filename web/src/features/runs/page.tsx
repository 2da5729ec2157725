// All runs of a project, over the whole width.
import { useParams } from '@tanstack/react-router';
import { useView } from '@/ui/address';
import { RunList } from './list';

export function RunsPage() {
  const { entity = '', project = '' } = useParams({ strict: false });
  const [view, change] = useView();
  return (
    <div className="full-page">
      <h1 className="unseen">Runs of {project}</h1>
      <RunList
        key={`${entity}/${project}`}
        entity={entity}
        project={project}
        view={view}
        change={change}
        wide
      />
    </div>
  );
}
