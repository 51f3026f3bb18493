/** Something to do to the cluster once a share of all work is acknowledged; the work goes on meanwhile. */
export interface Milestone {
  readonly share: number;
  act(): Promise<void>;
}

/**
 * Faults in the middle of a load. They never overlap: shortly before one, the load waits until the one before it is
 * over, so that a cluster of three is whole again before its next leader dies, under full load.
 */
export class Milestones {
  /** How much was acknowledged when each one began. */
  readonly reachedAt: number[] = [];
  readonly #plan: readonly Milestone[];
  readonly #thresholds: readonly number[];
  readonly #inFlight: number;
  readonly #acts: Promise<void>[] = [];

  constructor(plan: readonly Milestone[], total: number, inFlight: number) {
    this.#plan = plan;
    this.#thresholds = plan.map((each) => Math.ceil(each.share * total));
    this.#inFlight = inFlight;
  }

  /** Call before the piece of work number `issued` is begun, counted from 1. */
  async before(issued: number): Promise<void> {
    const near = this.#thresholds.filter((each) => issued > each - this.#inFlight).length;
    await this.#acts[near - 2];
  }

  /** Call when `count` pieces are acknowledged. */
  acknowledged(count: number): void {
    const next = this.#plan[this.#acts.length];
    if (next === undefined || count < (this.#thresholds[this.#acts.length] ?? Infinity)) return;
    this.reachedAt.push(count);
    this.#acts.push(next.act());
  }

  /** All of them reached and over. */
  async done(): Promise<void> {
    await Promise.all(this.#acts);
    if (this.#acts.length < this.#plan.length) throw new Error('a fault was planned that never happened');
  }
}
