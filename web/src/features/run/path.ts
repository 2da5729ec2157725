// The run that the address names, with what most tabs need of it.
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type RunPath, run } from '@/data/queries';

export function useRunPath(): RunPath {
  const { entity = '', project = '', run: id = '' } = useParams({ strict: false });
  return { entity, project, id };
}

export function useRun() {
  const path = useRunPath();
  return { path, found: useQuery(run(path)) };
}
