// Charts and System of one run: the workspace's panels with one run in them.
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { keys } from '@/data/queries';
import { useRun } from '@/features/run/path';
import { Panels } from '@/features/workspace/panels';
import { bytes } from '@/lib/format';
import { useView } from '@/ui/address';
import { Skeleton } from '@/ui/parts';

const NO_LIMITS: { y: number; label: string }[] = [];

function Charts({ system }: { system: boolean }) {
  const { path, found } = useRun();
  const [view, change] = useView();
  const run = found.data?.run;
  const runs = useMemo(() => (run ? [run] : []), [run]);
  const measured = useQuery({ ...keys(path, true), enabled: system });
  const memoryLimit =
    measured.data?.find((each) => each.key === 'cgroup.memory_limit_bytes')?.last ?? null;
  const limits = useCallback(
    (key: string) =>
      system && memoryLimit && /^(process|cgroup)\.memory(?!_limit).*bytes$/.test(key)
        ? [{ y: memoryLimit, label: `limit ${bytes(memoryLimit)}` }]
        : NO_LIMITS,
    [system, memoryLimit],
  );
  const shown = useMemo(
    () => (system && view.x === '_step' ? { ...view, x: '_relative' } : view),
    [system, view],
  );
  if (!run) return <Skeleton />;
  return <Panels runs={runs} view={shown} change={change} system={system} limits={limits} />;
}

export function RunCharts() {
  return <Charts system={false} />;
}

export function RunSystem() {
  return <Charts system />;
}
