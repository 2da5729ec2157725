// Runs beside each other: what differs first, then their charts.
import { useQueries } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { run } from '@/data/queries';
import { Differences } from '@/features/compare/differences';
import { Panels } from '@/features/workspace/panels';
import { useView } from '@/ui/address';
import { Skeleton } from '@/ui/parts';

const COMPARED_MAX = 20;

export function Compare() {
  const { entity = '', project = '' } = useParams({ strict: false });
  const { runs: said = '' } = useSearch({ strict: false }) as { runs?: string };
  const ids = said.split(',').filter(Boolean).slice(0, COMPARED_MAX);
  const answers = useQueries({ queries: ids.map((id) => run({ entity, project, id })) });
  const [view, change] = useView();
  const found = answers.flatMap((each) => each.data?.run ?? []);
  const lost = ids.filter((_, i) => answers[i].error);
  if (answers.some((each) => each.isPending))
    return (
      <div className="page">
        <Skeleton />
      </div>
    );
  return (
    <div className="page stack">
      <Differences entity={entity} project={project} runs={found} lost={lost} />
      {found.length > 0 && (
        <Panels runs={found} view={view} change={(part, how) => change(part, how)} />
      )}
    </div>
  );
}
