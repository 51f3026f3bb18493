import type { NodeId } from '../raft/types.ts';
import type { Topology } from '../wire/client-protocol.ts';
import type { LeaderView } from './leader-view.ts';

/** What never changes while the node runs. */
export interface ClusterFacts {
  readonly self: NodeId;
  readonly clusterId: string;
  /** All members, sorted; each with the address of its client listener, empty while unknown. */
  readonly members: readonly { readonly id: NodeId; readonly client: string }[];
}

/** Who is in the cluster and where clients find them, as far as this node has heard. */
export class MemberDirectory {
  readonly #view: LeaderView;
  readonly #members: ClusterFacts['members'];
  readonly #addresses = new Map<NodeId, string>();

  constructor(view: LeaderView, members: ClusterFacts['members']) {
    this.#view = view;
    this.#members = members;
    for (const { id, client } of members) this.#addresses.set(id, client);
  }

  /** True if that was news. */
  learn(id: NodeId, client: string): boolean {
    if (this.#addresses.get(id) === client) return false;
    this.#addresses.set(id, client);
    return true;
  }

  topology(): Topology {
    return {
      term: this.#view.term,
      leader: this.#view.leader,
      members: this.#members.map(({ id }) => ({ id, client: this.#addresses.get(id) ?? '' })),
    };
  }
}
