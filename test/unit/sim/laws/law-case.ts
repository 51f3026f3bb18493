import type { History } from './history.ts';

/** Two endings of one story, as alike as can be: one breaks exactly one law, the other none. */
export interface LawCase {
  readonly law: string;
  readonly breach: string;
  readonly given: (history: History) => History;
  readonly broken: (history: History) => History;
  readonly legal: (history: History) => History;
  /** The sentence that a person reads. */
  readonly says: RegExp;
  /** Laws that the same fault breaks as well, when it is looked at from there. */
  readonly alsoBreaks?: readonly string[];
}

export const allStart = (history: History): History => history.starts('n1').starts('n2').starts('n3');

/** n1 leads term 1; 1@1 is on the disks of n1 and n2. */
export const oneEntry = (history: History): History =>
  allStart(history).elects('n1', 1, 'n2').stores('n1', { log: '1@1' }).stores('n2', { log: '1@1' });
