// The records of the native API under the names that the app uses. Never adds a field of its own.
import type { ConsolePage } from './api';

export type * from './api';
export type { Best as SweepBest, Control as SweepControl } from './api';
export type ConsoleLine = ConsolePage['lines'][number];
