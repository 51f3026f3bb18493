/**
 * How a cluster comes to be, once (DESIGN 10). Pure: what happened comes in, what to do goes out.
 *
 *   fresh ──────────── smallest id, linked to all voters, all fresh: draws the genesis ─────────► storing
 *     └─────────────── gets a genesis with its own incarnation in it ───────────────────────────► storing
 *   storing ────────── the disk has it ─────────────────────────────────────────────────────────► founded
 *   founded ────────── tells every linked peer that has none yet; may vote from now on
 *
 * Why no two records with different ids can come of the same directories:
 *   - one node draws, and a record leaves it only once it is on its disk: a founder that crashes earlier has told
 *     nobody, one that crashes later finds its record again;
 *   - from `announce` on our hello carries the cluster id, even before the disk has the record: no founder that meets
 *     us afterwards takes us for fresh. (A new link of a peer ends its old one before we answer with our hello, so
 *     nothing old arrives behind that answer.)
 *   - a directory stores one record in its life; another one is refused by name.
 * What is lost in a crash was durable nowhere, or comes again from any member that has it.
 * Not covered: two processes at once on copies of the founder's fresh directory. They can found a cluster each, with
 * different ids and so never mixed; the links report them (`contested`).
 */
import type { ErrorCode } from '../wire/errors.ts';
import type { Genesis, PeerHello } from '../wire/peer-protocol.ts';

export interface BootstrapSelf {
  readonly nodeId: string;
  readonly incarnation: string;
  readonly clusterName: string;
  /** All configured voters, this one included; sorted. */
  readonly voters: readonly string[];
}

type Peer = Pick<PeerHello, 'nodeId' | 'incarnation' | 'clusterId'>;

interface Linked {
  /** By node id: the peers whose link is up, as their hello had them. */
  readonly linked: ReadonlyMap<string, Peer>;
}

export type Bootstrap = Linked &
  (
    | { readonly phase: 'fresh' }
    | { readonly phase: 'storing'; readonly genesis: Genesis }
    | { readonly phase: 'founded'; readonly genesis: Genesis }
  );

export type BootstrapInput =
  /** Once, at first: with what the data directory has. */
  | { readonly type: 'start'; readonly stored: Genesis | null }
  /** A link is up; both sides have accepted each other's hello. */
  | { readonly type: 'linkUp'; readonly hello: Peer }
  | { readonly type: 'linkDown'; readonly peer: string }
  | { readonly type: 'genesis'; readonly from: string; readonly genesis: Genesis }
  /** The record of the last `store` is durable. */
  | { readonly type: 'stored' };

/** To be done in order. */
export type BootstrapAction =
  /** From now on hellos carry this cluster, and links that contradict it end. */
  | { readonly type: 'announce'; readonly genesis: Genesis }
  /** Make it durable in the identity file, then feed `stored`. */
  | { readonly type: 'store'; readonly genesis: Genesis }
  | { readonly type: 'send'; readonly peer: string; readonly genesis: Genesis }
  /** Durable: open the log, start to vote. */
  | { readonly type: 'founded'; readonly genesis: Genesis }
  /** A genesis that cannot be ours; nothing changed. */
  | { readonly type: 'reject'; readonly from: string; readonly code: ErrorCode; readonly message: string };

export interface BootstrapStep {
  readonly state: Bootstrap;
  readonly actions: readonly BootstrapAction[];
}

export const NOT_STARTED: Bootstrap = { phase: 'fresh', linked: new Map() };

/** `drawn`: 128 random bits as 32 hex digits, the cluster id if this node founds; drawn anew by each process. */
export function bootstrapStep(
  self: BootstrapSelf,
  state: Bootstrap,
  input: BootstrapInput,
  drawn: string,
): BootstrapStep {
  switch (input.type) {
    case 'start':
      if (input.stored === null) return foundIfComplete(self, state, drawn);
      return {
        state: { ...state, phase: 'founded', genesis: input.stored },
        actions: [
          { type: 'announce', genesis: input.stored },
          { type: 'founded', genesis: input.stored },
        ],
      };
    case 'linkUp':
      return linkUp(self, state, input.hello, drawn);
    case 'linkDown': {
      const linked = new Map(state.linked);
      linked.delete(input.peer);
      return { state: { ...state, linked }, actions: [] };
    }
    case 'genesis':
      return received(self, state, input.from, input.genesis);
    case 'stored':
      return stored(state);
  }
}

function linkUp(self: BootstrapSelf, state: Bootstrap, hello: Peer, drawn: string): BootstrapStep {
  const linked = { ...state, linked: new Map([...state.linked, [hello.nodeId, hello]]) };
  switch (linked.phase) {
    case 'fresh':
      return foundIfComplete(self, linked, drawn);
    case 'storing':
      return { state: linked, actions: [] };
    case 'founded':
      return { state: linked, actions: handOut(linked.genesis, [hello]) };
  }
}

/** Only the smallest id draws; only when nobody can have a genesis already. */
function foundIfComplete(self: BootstrapSelf, state: Bootstrap, drawn: string): BootstrapStep {
  const incarnations = new Map([[self.nodeId, self.incarnation]]);
  for (const peer of state.linked.values()) {
    if (peer.clusterId === null) incarnations.set(peer.nodeId, peer.incarnation);
  }
  const voters = self.voters.flatMap((id) => {
    const incarnation = incarnations.get(id);
    return incarnation === undefined ? [] : [{ id, incarnation }];
  });
  const founder = self.voters.every((id) => self.nodeId <= id);
  if (!founder || voters.length < self.voters.length) return { state, actions: [] };
  return store(state, { clusterId: drawn, clusterName: self.clusterName, voters });
}

function store(state: Bootstrap, genesis: Genesis): BootstrapStep {
  return {
    state: { phase: 'storing', linked: state.linked, genesis },
    actions: [
      { type: 'announce', genesis },
      { type: 'store', genesis },
    ],
  };
}

function received(self: BootstrapSelf, state: Bootstrap, from: string, genesis: Genesis): BootstrapStep {
  const refusal =
    state.phase === 'fresh'
      ? notOurs(self, genesis, state.linked.get(from))
      : notTheSame(state.genesis, genesis);
  if (refusal !== null) return { state, actions: [{ type: 'reject', from, ...refusal }] };
  return state.phase === 'fresh' ? store(state, genesis) : { state, actions: [] };
}

interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
}

/** A record that was not made for this directory, or comes from a peer that is not in it itself. */
function notOurs(self: BootstrapSelf, genesis: Genesis, sender: Peer | undefined): Refusal | null {
  const ids = genesis.voters.map((voter) => voter.id).toSorted();
  const sameVoters = ids.length === self.voters.length && ids.every((id, place) => id === self.voters[place]);
  if (genesis.clusterName !== self.clusterName || !sameVoters) {
    const message = `a genesis of cluster "${genesis.clusterName}" with the voters ${ids.join(', ')} is not ours`;
    return { code: 'WRONG_CLUSTER', message };
  }
  const names = (peer: { nodeId: string; incarnation: string }): boolean =>
    genesis.voters.some((voter) => voter.id === peer.nodeId && voter.incarnation === peer.incarnation);
  if (names(self) && sender !== undefined && names(sender)) return null;
  const stranger = names(self) ? 'its sender' : self.nodeId;
  return {
    code: 'INCARNATION_FENCED',
    message: `cluster ${genesis.clusterId} was founded with another data directory of ${stranger}`,
  };
}

function notTheSame(own: Genesis, other: Genesis): Refusal | null {
  if (own.clusterId === other.clusterId) return null;
  const message = `a genesis of cluster ${other.clusterId} came to a member of cluster ${own.clusterId}`;
  return { code: 'WRONG_CLUSTER', message };
}

function stored(state: Bootstrap): BootstrapStep {
  if (state.phase !== 'storing') throw new Error(`a genesis became durable while ${state.phase}`);
  const { genesis, linked } = state;
  return {
    state: { phase: 'founded', genesis, linked },
    actions: [{ type: 'founded', genesis }, ...handOut(genesis, [...linked.values()])],
  };
}

/** To those who had none when they said hello. They may have got it meanwhile: a second one changes nothing. */
function handOut(genesis: Genesis, peers: readonly Peer[]): readonly BootstrapAction[] {
  const members = new Map(genesis.voters.map((voter) => [voter.id, voter.incarnation]));
  return peers
    .filter((peer) => peer.clusterId === null && members.get(peer.nodeId) === peer.incarnation)
    .map((peer) => ({ type: 'send', peer: peer.nodeId, genesis }));
}
