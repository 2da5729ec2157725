// What became of an action on many runs, in words. Pure.
import type { BulkAction, BulkResult } from '@/data/records';
import { count } from '@/lib/format';

export type Action = BulkAction['action'];

export const DONE: Record<Action, string> = {
  tag: 'tagged',
  untag: 'untagged',
  stop: 'asked to stop',
  delete: 'deleted',
  undelete: 'brought back',
  move: 'moved',
};

export function outcome(body: Omit<BulkAction, 'keys'>, result: BulkResult): string {
  const { done = [], refused = {} } = result;
  const to = body.action === 'move' ? ` to ${body.entity}/${body.project}` : '';
  const words = `${DONE[body.action]}${to}`;
  const [why, ...others] = Object.values(refused);
  if (why === undefined) return `${count(done.length)} ${words}`;
  const not = others.length + 1;
  return `${count(done.length)} of ${count(done.length + not)} ${words}; ${count(not)} not: ${why}`;
}
