// Trials laid out by agent and time, so that none covers another. Pure.
import type { SweepAgentView, TrialView } from '@/data/records';
import { plural } from '@/lib/format';

export interface TrialLane {
  agent: string;
  words: string;
  /** How many trials ran at once at most. */
  rows: number;
  bars: { trial: TrialView; row: number; to: number }[];
}

/** One lane for each agent, in the order in which they began; `until` is where open ones end. */
export function lanesOf(
  trials: readonly TrialView[],
  agents: readonly SweepAgentView[],
  until: number,
): TrialLane[] {
  const hosts = new Map(agents.map((each) => [each.id, each.host]));
  const found = new Map<string, TrialLane>();
  const ends = new Map<string, number[]>();
  const own = trials.filter((each) => !each.prior);
  for (const trial of [...own].sort((a, b) => a.created_at - b.created_at)) {
    let lane = found.get(trial.agent);
    if (!lane) {
      const words = trial.agent ? hosts.get(trial.agent) || trial.agent : 'no agent now';
      lane = { agent: trial.agent, words, rows: 0, bars: [] };
      found.set(trial.agent, lane);
      ends.set(trial.agent, []);
    }
    const to = Math.max(trial.created_at, trial.ended_at ?? until);
    const rows = ends.get(trial.agent) as number[];
    let row = rows.findIndex((end) => end <= trial.created_at);
    if (row < 0) row = rows.length;
    rows[row] = to;
    lane.rows = rows.length;
    lane.bars.push({ trial, row, to });
  }
  const lanes = [...found.values()];
  for (const lane of lanes) lane.words += ` · ${plural(lane.bars.length, 'trial')}`;
  return lanes;
}
