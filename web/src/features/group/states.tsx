// Members by state: a bar, and the same in words with the causes, worst first.
import { Link } from '@tanstack/react-router';
import { type GroupPath, membersOf } from '@/data/places';
import { count } from '@/lib/format';
import { BADGES, isState } from '@/lib/states';
import { Glyph } from '@/ui/glyph';
import type { Standing } from './model';

export function States({
  path,
  all,
  total,
}: {
  path: GroupPath;
  all: readonly Standing[];
  total: number;
}) {
  const words = all.map((each) => `${each.n} ${each.state}`).join(', ');
  return (
    <section className="group-states" aria-label="Members by state">
      <div className="group-bar" role="img" aria-label={`${words}, of ${total}`}>
        {all.map((each) => (
          <span
            key={each.state}
            className={`hue-${BADGES[each.state].hue} is-${each.state}`}
            style={{ flexGrow: each.n }}
          />
        ))}
      </div>
      <ul className="row wrap">
        {all.map((each) => (
          <li key={each.state}>
            <State path={path} standing={each} total={total} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function State({ path, standing, total }: { path: GroupPath; standing: Standing; total: number }) {
  const { state, n, causes } = standing;
  const { word, hue } = BADGES[state];
  const inside = (
    <>
      <Glyph state={state} size={13} />
      <span>{word}</span> <b>{count(n)}</b> <span className="quiet">of {count(total)}</span>
      {causes.length > 0 && <span className="quiet any">({causes.join(', ')})</span>}
    </>
  );
  // What is besides the state is no filter of the server's.
  if (!isState(state)) return <span className={`group-state hue-${hue}`}>{inside}</span>;
  return (
    <Link
      className={`group-state hue-${hue}`}
      to="/$entity/$project/runs"
      params={{ entity: path.entity, project: path.project }}
      search={{ f: membersOf(path.group), st: state } as never}
    >
      {inside}
    </Link>
  );
}
