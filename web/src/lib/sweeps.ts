// The words and shapes of sweeps. A sweep's status is never a state of its runs.
import type { Badge, Shown } from './states';

export const STATUSES = [
  'running',
  'pending',
  'paused',
  'failed',
  'crashed',
  'stopped',
  'cancelled',
  'finished',
] as const;
export type SweepStatus = (typeof STATUSES)[number];

export interface StatusBadge extends Badge {
  /** The shape that says it. */
  shape: Shown;
}

export const STATUS_BADGES = {
  pending: { word: 'Pending', hue: 'pending', loud: false, shape: 'pending' },
  running: { word: 'Running', hue: 'running', loud: false, shape: 'running' },
  paused: { word: 'Paused', hue: 'amber', loud: true, shape: 'preempting' },
  stopped: { word: 'Stopped', hue: 'killed', loud: false, shape: 'stopping' },
  cancelled: { word: 'Cancelled', hue: 'killed', loud: false, shape: 'killed' },
  finished: { word: 'Finished', hue: 'finished', loud: false, shape: 'finished' },
  failed: { word: 'Failed', hue: 'failed', loud: true, shape: 'failed' },
  crashed: { word: 'Crashed', hue: 'crashed', loud: true, shape: 'crashed' },
} satisfies Record<SweepStatus, StatusBadge>;

export function statusBadge(status: string): StatusBadge {
  return STATUS_BADGES[status as SweepStatus] ?? STATUS_BADGES.pending;
}
