// What became of an action on many runs, in words. Pure.
import type { BulkAction, BulkResult } from '@/data/records';
import { count } from '@/lib/format';

export type Action = BulkAction['action'];

const WORDS: Record<Action, string> = {
  tag: 'tagged',
  untag: 'untagged',
  stop: 'asked to stop',
  delete: 'deleted',
  move: 'moved',
};

export function outcome(action: Action, result: BulkResult): string {
  const refused = Object.values(result.refused ?? {});
  const why = refused.length > 0 ? ` (${count(refused.length)} refused: ${refused[0]})` : '';
  return `${count(result.done?.length ?? 0)} ${WORDS[action]}${why}`;
}
