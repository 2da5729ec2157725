// The shapes of states on a grid of 14, for SVG and canvas alike. Never picks a colour.
import type { Shown } from './states';

export interface Part {
  d: string;
  fill: 'ink' | 'paper' | 'none';
  stroke?: 'ink' | 'paper';
  width?: number;
  dash?: string;
}

const ring = (r: number) => `M${7 - r} 7a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
const RING: Part = { d: ring(5.4), fill: 'none', stroke: 'ink', width: 1.6 };
const BARS: Part = { d: 'M5.6 4.8v4.4M8.4 4.8v4.4', fill: 'none', stroke: 'ink', width: 1.5 };

export const SHAPES = {
  pending: [{ d: ring(5.4), fill: 'none', stroke: 'ink', width: 1.5, dash: '2.4 1.84' }],
  running: [RING, { d: ring(2.6), fill: 'ink' }],
  finished: [
    { d: ring(6.3), fill: 'ink' },
    { d: 'M4.2 7.2l2 2 3.6-4.1', fill: 'none', stroke: 'paper', width: 1.5 },
  ],
  failed: [
    { d: 'M7 .4L13.6 7 7 13.6.4 7z', fill: 'ink' },
    { d: 'M5.2 5.2l3.6 3.6M8.8 5.2L5.2 8.8', fill: 'none', stroke: 'paper', width: 1.4 },
  ],
  crashed: [
    { d: 'M7 .6L13.8 13H.2z', fill: 'ink' },
    { d: 'M7.9 4.6L5.5 8.4h2.6l-1.5 3', fill: 'none', stroke: 'paper', width: 1.2 },
  ],
  killed: [
    {
      d: 'M2.5 1h9A1.5 1.5 0 0 1 13 2.5v9a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 1 11.5v-9A1.5 1.5 0 0 1 2.5 1z',
      fill: 'ink',
    },
    { d: 'M5 5h4v4H5z', fill: 'paper' },
  ],
  preempting: [RING, BARS],
  preempted: [
    {
      d: 'M3.2 1.4h7.6a1.8 1.8 0 0 1 1.8 1.8v7.6a1.8 1.8 0 0 1-1.8 1.8H3.2a1.8 1.8 0 0 1-1.8-1.8V3.2a1.8 1.8 0 0 1 1.8-1.8z',
      fill: 'none',
      stroke: 'ink',
      width: 1.6,
    },
    BARS,
  ],
  unreachable: [
    { d: 'M8.6 1.85A5.4 5.4 0 1 0 12.2 5.6M11 2.4l.5.5', fill: 'none', stroke: 'ink', width: 1.6 },
    { d: ring(1.5), fill: 'ink' },
  ],
  stalled: [RING, { d: 'M4.4 7h5.2', fill: 'none', stroke: 'ink', width: 1.6 }],
  stopping: [RING, { d: 'M5 5h4v4H5z', fill: 'ink' }],
} satisfies Record<Shown, Part[]>;

/** A shape without its filling, for verdicts that are only presumed. */
export const OUTLINES: Partial<Record<Shown, Part[]>> = {
  crashed: [{ d: 'M7 1.6L12.8 12.3H1.2z', fill: 'none', stroke: 'ink', width: 1.3, dash: '2 1.5' }],
  preempted: [
    {
      d: 'M3.2 1.4h7.6a1.8 1.8 0 0 1 1.8 1.8v7.6a1.8 1.8 0 0 1-1.8 1.8H3.2a1.8 1.8 0 0 1-1.8-1.8V3.2a1.8 1.8 0 0 1 1.8-1.8z',
      fill: 'none',
      stroke: 'ink',
      width: 1.3,
      dash: '2 1.5',
    },
    BARS,
  ],
};
