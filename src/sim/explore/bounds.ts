/** How far an exploration goes. Everything else that can happen within these, does. */
export interface Bounds {
  readonly nodes: 2 | 3;
  /** No state with a later term is looked into. */
  readonly termMax: number;
  /** Client entries; each leader adds its no-op. */
  readonly proposals: number;
  /** Election timers that fire, over all nodes. */
  readonly campaigns: number;
  /** Times that a leader's clock moves on by a heartbeat. */
  readonly heartbeats: number;
  /** Crashes with restart, each with every number of open writes that may survive. */
  readonly crashes: number;
  /** Messages that arrive once more. That messages are lost needs no bound: any of them may never arrive. */
  readonly repeats: number;
  /** Times that a voter is refused for its log and begins to catch up (edge case I61). */
  readonly catchUps: number;
}

export type Budget = 'proposals' | 'campaigns' | 'heartbeats' | 'crashes' | 'repeats' | 'catchUps';

export const BUDGETS: readonly Budget[] = [
  'proposals',
  'campaigns',
  'heartbeats',
  'crashes',
  'repeats',
  'catchUps',
];
