// What stands where no run does: how to make one, or what to take away from the filter. Never guesses.

import { useQueries, useQuery } from '@tanstack/react-query';
import { firstKey } from '@/data/actions';
import { project as projectQuery, runsFirst } from '@/data/queries';
import { count } from '@/lib/format';
import { filterText, terms, withoutTerm } from '@/lib/query';
import { BADGES } from '@/lib/states';
import type { View } from '@/lib/view';
import type { ChangeView } from '@/ui/address';
import { FirstRun } from '@/ui/first-run';

const TRIED_MAX = 6;

interface EmptyProps {
  entity: string;
  project: string;
  view: View;
  change: ChangeView;
}

export default function Empty(props: EmptyProps) {
  const { project, view } = props;
  if (view.query || view.states.length > 0) return <Filtered {...props} />;
  return (
    <div className="empty">
      <h2>No run yet in {project}</h2>
      <FirstRun project={project} makeKey={firstKey} />
    </div>
  );
}

/** Each term that could go, with what would show without it. */
function Filtered({ entity, project, view, change }: EmptyProps) {
  const all = useQuery(projectQuery(entity, project));
  const { query, states } = view;
  const ways: { words: string; next: Partial<View> }[] = [
    ...(states.length > 0
      ? [{ words: states.map((each) => BADGES[each].word).join(', '), next: { states: [] } }]
      : []),
    ...terms(query)
      .slice(0, TRIED_MAX)
      .map((words, i) => ({ words, next: { query: withoutTerm(query, i) } })),
  ];
  const found = useQueries({
    queries: ways.map(({ next }) => {
      const left = { query, states, ...next };
      const filters = filterText(left.query, left.states);
      return runsFirst({ entity, project, filters, order: '', select: [] }, 0);
    }),
  });
  return (
    <div className="empty">
      <p>0 of {count(all.data?.runs ?? 0)} runs match.</p>
      <ul className="stack empty-ways">
        {ways.map(({ words, next }, i) => (
          <li key={words} className="row">
            <button type="button" className="button" onClick={() => change(next)}>
              Remove <code className="cut">{words}</code>
            </button>
            <span className="quiet">
              {found[i].data ? `${count(found[i].data.total)} would show` : '…'}
            </span>
          </li>
        ))}
      </ul>
      {ways.length > 1 && (
        <button
          type="button"
          className="button plain"
          onClick={() => change({ query: '', states: [] })}
        >
          Remove all
        </button>
      )}
    </div>
  );
}
