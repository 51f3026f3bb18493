/** Sums over what a proof counted. */
import type { FaultNode, Proof } from '../faults/vocabulary.ts';

export function slowedBytes(proof: Proof): number {
  return proof.links.reduce((total, each) => total + each.slowedBytes, 0);
}

export function stoppedBytes(proof: Proof, from: FaultNode, to: FaultNode): number {
  return proof.links.find((link) => link.from === from.id && link.to === to.id)?.stoppedBytes ?? 0;
}
