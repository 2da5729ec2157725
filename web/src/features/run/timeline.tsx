// The whole ledger with its lanes.
import { useQuery } from '@tanstack/react-query';
import { ledger } from '@/data/queries';
import { plural } from '@/lib/format';
import { Card, ErrorCard, Skeleton } from '@/ui/parts';
import { StateLane } from './lane';
import { Ledger } from './ledger';
import { useRun } from './path';

export function RunTimeline() {
  const { path, found } = useRun();
  const told = useQuery(ledger(path));
  if (told.error) return <ErrorCard error={told.error} retry={() => void told.refetch()} />;
  if (!told.data || !found.data) return <Skeleton />;
  return (
    <Card
      title="Timeline"
      note={`${plural(told.data.length, 'entry', 'entries')}; the state is what they add up to`}
    >
      <StateLane run={found.data.run} ledger={told.data} path={path} />
      <Ledger entries={told.data} />
    </Card>
  );
}
