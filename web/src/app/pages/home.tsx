// Home: attention first, then projects and runs of late.
import { Attention } from '@/features/home/attention';
import { RecentProjects, RecentRuns } from '@/features/home/recent';

export function Home() {
  return (
    <div className="page stack">
      <Attention />
      <RecentProjects />
      <RecentRuns />
    </div>
  );
}

export function AttentionPage() {
  return (
    <div className="page stack">
      <Attention />
    </div>
  );
}
