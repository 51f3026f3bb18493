import type { NodeId } from '../../raft/index.ts';

/** One record a node, made when the node is first heard of. */
export class PerNode<T> {
  readonly #records = new Map<NodeId, T>();
  readonly #make: (node: NodeId) => T;

  constructor(make: (node: NodeId) => T) {
    this.#make = make;
  }

  of(node: NodeId): T {
    const known = this.#records.get(node);
    if (known !== undefined) return known;
    const made = this.#make(node);
    this.#records.set(node, made);
    return made;
  }

  /** In the order in which the nodes were first heard of. */
  all(): IterableIterator<[NodeId, T]> {
    return this.#records.entries();
  }
}
