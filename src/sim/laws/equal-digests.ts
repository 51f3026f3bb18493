/**
 * Equal logs make equal states: the digest after an index is the same on every node and in every life (Raft §2,
 * replicated state machines; DESIGN 4, the running digest). It sees what is not deterministic in apply.
 *
 *   n1 applies 7@2, digest 51ab…
 *   n2 applies 7@2, digest 90c1…      <- broken: a clock, an iteration order or a local limit got into apply
 */
import type { NodeId } from '../../raft/index.ts';
import { type Law, LawBroken, type Observation } from './law.ts';

interface Taken {
  readonly digest: string;
  readonly by: NodeId;
}

export class EqualDigests implements Law {
  readonly name = 'equal digests';
  readonly hears = ['applied'] as const;
  /** By index. */
  readonly #taken = new Map<number, Taken>();

  observe(observation: Observation, nowMs: number): void {
    if (observation.type !== 'applied' || observation.digest === null) return;
    const { node, digest } = observation;
    const { index } = observation.entry;
    const known = this.#taken.get(index);
    if (known === undefined) {
      this.#taken.set(index, { digest, by: node });
    } else if (known.digest !== digest) {
      const whose = known.by === node ? 'it had' : `${known.by} has`;
      throw new LawBroken(
        this.name,
        node,
        nowMs,
        `after index ${index} its state has the digest ${digest}, where ${whose} ${known.digest}`,
      );
    }
  }
}
