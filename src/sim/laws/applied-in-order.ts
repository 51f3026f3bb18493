/**
 * A process applies every entry exactly once, in the order of the log, from 1 (Raft §5.3; raft-core 4.2 item 8). Its
 * state machine lives in memory, so a new process begins again.
 *
 *   n1 applies 1, 2, 2       <- broken: an increment counts twice
 *   n1 applies 1, 3          <- broken: a write is missing
 *   n1 applies 1, 2, ends, starts, applies 1       fine
 */
import { type Law, LawBroken, type Observation } from './law.ts';
import { PerNode } from './per-node.ts';

export class AppliedInOrder implements Law {
  readonly name = 'applied once and in order';
  readonly hears = ['started', 'applied'] as const;
  readonly #nodes = new PerNode(() => ({ applied: 0 }));

  observe(observation: Observation, nowMs: number): void {
    const reached = this.#nodes.of(observation.node);
    if (observation.type === 'started') reached.applied = 0;
    if (observation.type !== 'applied') return;
    const { index } = observation.entry;
    if (index !== reached.applied + 1) {
      const fault = index <= reached.applied ? 'a second time' : `without ${reached.applied + 1} before it`;
      throw new LawBroken(this.name, observation.node, nowMs, `it applies ${index} ${fault}`);
    }
    reached.applied = index;
  }
}
