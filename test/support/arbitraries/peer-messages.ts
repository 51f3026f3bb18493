/** Messages between nodes, and the entries in them. */
import * as fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { Entry } from '../../../src/raft/entry.ts';
import type { Membership } from '../../../src/raft/membership.ts';
import type { Message } from '../../../src/raft/message.ts';
import type { NodeId } from '../../../src/raft/types.ts';
import type { ForwardResult, PeerMessage } from '../../../src/wire/peer-protocol.ts';
import { errorCode, outcome } from './client-messages.ts';
import { bytes, count, hexId, int64, name, orNull } from './values.ts';

const nodeId: Arbitrary<NodeId> = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .filter((id): id is NodeId => id !== '');
const position = fc.record({ index: count, term: count });
const head = { from: nodeId, to: nodeId, term: count };

/** In the order that every list of a membership has. */
function nodeIds(minLength: number): Arbitrary<readonly NodeId[]> {
  return fc.uniqueArray(nodeId, { minLength, maxLength: 3 }).map((chosen) => chosen.toSorted(byCodeUnits));
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : 1;
}

const membership: Arbitrary<Membership> = fc
  .record({ voters: nodeIds(1), outgoing: nodeIds(0), learners: nodeIds(0) })
  .map((lists) => ({ ...lists, learners: lists.learners.filter((id) => !lists.voters.includes(id)) }));

type Content =
  | { readonly kind: 'noop' }
  | { readonly kind: 'command'; readonly data: Uint8Array }
  | { readonly kind: 'membership'; readonly membership: Membership };

const content: Arbitrary<Content> = fc.oneof(
  fc.constant({ kind: 'noop' as const }),
  fc.record({ kind: fc.constant('command' as const), data: bytes }),
  fc.record({ kind: fc.constant('membership' as const), membership }),
);

/** A run of entries without a gap and with terms that do not fall, as every log is. */
export const entries: Arbitrary<readonly Entry[]> = fc
  .record({
    first: fc.integer({ min: 1, max: 2 ** 40 }),
    term: fc.integer({ min: 1, max: 2 ** 40 }),
    steps: fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), content), { maxLength: 5 }),
  })
  .map(({ first, term, steps }) => {
    let current = term;
    return steps.map(([step, what], offset): Entry => {
      current += step;
      return { ...what, index: first + offset, term: current };
    });
  });

const raftMessage: Arbitrary<Message> = fc.oneof(
  fc.record({ type: fc.constant('preVote' as const), ...head, last: position }),
  fc.record({
    type: fc.constant('preVoteReply' as const),
    ...head,
    granted: fc.boolean(),
    ahead: orNull(position),
  }),
  fc.record({
    type: fc.constant('vote' as const),
    ...head,
    last: position,
    reason: fc.constantFrom('election' as const, 'transfer' as const),
  }),
  fc.record({ type: fc.constant('voteReply' as const), ...head, granted: fc.boolean() }),
  fc.record({
    type: fc.constant('append' as const),
    ...head,
    prev: position,
    entries,
    commit: count,
    readSeq: count,
    sentAt: count,
  }),
  fc.record({
    type: fc.constant('appendReply' as const),
    ...head,
    result: fc.oneof(
      fc.record({ accepted: fc.constant(true as const), match: count }),
      fc.record({ accepted: fc.constant(false as const), prevIndex: count, hint: position }),
    ),
    readSeq: count,
    sentAt: count,
  }),
  fc.record({ type: fc.constant('timeoutNow' as const), ...head, last: position }),
  fc.record({ type: fc.constant('pull' as const), ...head, after: position }),
  fc.record({ type: fc.constant('pullReply' as const), ...head, asked: position, prev: position, entries }),
);

const forwardResult: Arbitrary<ForwardResult> = fc.oneof(
  fc.record({ accepted: fc.constant(true as const), term: count, index: count, ordinal: count }),
  fc.record({ accepted: fc.constant(false as const), code: errorCode, message: name, outcome }),
);

export const peerMessage: Arbitrary<PeerMessage> = fc.oneof(
  fc.record({
    type: fc.constant('hello' as const),
    protocolMin: count,
    protocolMax: count,
    clusterName: name,
    clusterId: orNull(hexId),
    nodeId: name,
    incarnation: hexId,
    voters: fc.array(name, { maxLength: 3 }),
    expects: name,
    client: name,
    settings: fc.dictionary(fc.oneof(fc.constant('heartbeatMs'), name), name, { noNullPrototype: true }),
  }),
  fc.record({ type: fc.constant('refuse' as const), code: errorCode, message: name }),
  fc.record({
    type: fc.constant('genesis' as const),
    genesis: fc.record({
      clusterId: hexId,
      clusterName: name,
      voters: fc.array(fc.record({ id: name, incarnation: hexId }), { maxLength: 3 }),
    }),
  }),
  fc.record({ type: fc.constant('raft' as const), message: raftMessage }),
  fc.record({
    type: fc.constant('forward' as const),
    batch: count,
    requests: fc.array(fc.record({ session: int64, sequence: count, operation: bytes }), { maxLength: 3 }),
  }),
  fc.record({
    type: fc.constant('forwarded' as const),
    batch: count,
    results: fc.array(forwardResult, { maxLength: 3 }),
  }),
  fc.record({ type: fc.constant('readIndex' as const), batch: count }),
  fc.record({ type: fc.constant('readIndexReply' as const), batch: count, index: orNull(count) }),
  fc.constant({ type: 'ping' as const }),
);
