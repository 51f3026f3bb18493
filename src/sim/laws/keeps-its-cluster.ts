/**
 * A node that takes part in a cluster knows it for as long as its directory lives (DESIGN 10: the genesis is durable
 * before anything follows from it). One that forgets could be founded a second time, with its votes of before.
 *
 *   n1 makes the directory d1, takes part in cluster c with it, ends
 *   n1 opens d1, which knows c                       fine
 *   n1 opens d1, which knows none                    <- broken: the genesis was not on the disk
 *   n1 opens d2, which knows none                    fine: somebody wiped d1
 */
import { type Law, LawBroken, type Observation } from './law.ts';

export class KeepsItsCluster implements Law {
  readonly name = 'a founded node knows its cluster';
  readonly hears = ['opened', 'founded'] as const;
  /** By directory. */
  readonly #clusters = new Map<string, string>();

  observe(observation: Observation, nowMs: number): void {
    if (observation.type !== 'opened' && observation.type !== 'founded') return;
    const { node, directory, cluster } = observation;
    const known = this.#clusters.get(directory);
    if (known !== undefined && known !== cluster) {
      const sentence = `it took part in cluster ${known}, and its directory knows ${cluster ?? 'none'}`;
      throw new LawBroken(this.name, node, nowMs, sentence);
    }
    if (observation.type === 'founded') this.#clusters.set(directory, observation.cluster);
  }
}
