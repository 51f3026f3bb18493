/** What the witness found. The names of the laws are stable: reports and tests go by them. */
export type WitnessLaw =
  /** Index, term and cluster time of the log go up. */
  | 'log in order'
  /** What was acknowledged stands in the log, where its revision says. */
  | 'acknowledged is in the log'
  /** The reply is what the replay says. */
  | 'reply as replayed'
  /** No two writes have one revision. */
  | 'revision used once'
  /** What one client did once stands there once. */
  | 'applied once'
  /** What failed for certain does not stand there. */
  | 'failed is not applied'
  /** What stands there, somebody did. */
  | 'nothing from nowhere'
  /** A read answers what stood there at its revision. */
  | 'read as replayed'
  /** No state is read before anybody asked for it. */
  | 'nothing from the future'
  /** A read is at least as good as was asked: its level, its least revision. */
  | 'read contract'
  /** Nothing stands before what had finished when it began. */
  | 'real-time order';

export interface Violation {
  readonly law: WitnessLaw;
  readonly message: string;
  readonly callIds: readonly number[];
}

/** Counts all and keeps the first, which is where somebody starts to look. */
export class Findings {
  readonly violations: Violation[] = [];
  count = 0;

  add(law: WitnessLaw, message: string, callIds: readonly number[] = []): void {
    this.count += 1;
    if (this.violations.length < KEPT) this.violations.push({ law, message, callIds });
  }
}

const KEPT = 20;
