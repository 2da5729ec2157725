// A host's page with the system metrics of what runs on it.
import { useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { HostRun } from '@/data/records';
import { HostPage } from '@/features/host/page';
import { Panels } from '@/features/workspace/panels';
import { plural } from '@/lib/format';
import { useView } from '@/ui/address';
import '@/styles/places.css';

const DRAWN = 20;

export function Host() {
  const { host = '' } = useParams({ strict: false });
  return <HostPage key={host} host={host} charts={(runs) => <System runs={runs} />} />;
}

function System({ runs }: { runs: HostRun[] }) {
  const [view, change] = useView();
  const here = runs.filter((each) => each.measured && each.run.state !== 'pending');
  const said = here.map(({ run }) => `${run.key}:${run.state}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the runs as far as lines depend on them
  const drawn = useMemo(() => here.slice(0, DRAWN).map((each) => each.run), [said]);
  // Several runs share the machine's time, not their own.
  const shown = useMemo(() => (view.x === '_step' ? { ...view, x: '_timestamp' } : view), [view]);
  const elsewhere = runs.filter((each) => !each.measured).length;
  if (drawn.length === 0) return null;
  return (
    <section aria-label="System metrics" className="place-charts">
      <h2>System</h2>
      <p className="quiet small">
        As {plural(drawn.length, 'running run')} measured it
        {here.length > DRAWN && `, of ${here.length}`}.
        {elsewhere > 0 && ` ${plural(elsewhere, 'run')} measured on another of their hosts.`}
      </p>
      <Panels runs={drawn} view={shown} change={change} system />
    </section>
  );
}
