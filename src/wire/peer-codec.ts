/** The peer protocol as a table: one row a message, fields in the order of their tuple. */
import type { Entry } from '../raft/entry.ts';
import type { AppendReply, Message } from '../raft/message.ts';
import type { NodeId, Position } from '../raft/types.ts';
import { decodeEntries, encodeEntries } from './entry-codec.ts';
import { packFrame, unpackFrame } from './frame.ts';
import type { FrameLimits, Result, Wire } from './frame.ts';
import { decodeMessages } from './messages.ts';
import type { ForwardedRequest, ForwardResult, Genesis, GenesisVoter, PeerMessage } from './peer-protocol.ts';
import {
  bool,
  bytes,
  int64,
  isList,
  list,
  Malformed,
  nullable,
  oneOf,
  record,
  text,
  variants,
} from './shape.ts';
import type { Shape } from './shape.ts';
import { count, errorCode, name, outcome, sentence } from './shared-shapes.ts';

/** An id is a name that an operator gave; that it belongs to a member is the handshake's business. */
const nodeId: Shape<NodeId> = {
  encode: (id) => id,
  decode: (wire) => name.decode(wire) as NodeId,
};

const position: Shape<Position> = record<Position>({ index: count, term: count });

/** Entries travel as one blob: encoded once for all followers, and checked by the codec of their own. */
const entries: Shape<readonly Entry[]> = {
  encode: (value) => (value.length === 0 ? null : encodeOnce(value)),
  decode: (wire) => {
    if (wire === null) return [];
    const decoded = decodeEntries(bytes.decode(wire));
    if (decoded === null) throw new Malformed('the entries of an append cannot be read');
    return decoded;
  },
};

/** The core hands the same slice to every follower at the same place; a slice that is gone takes its bytes along. */
const encodedSlices = new WeakMap<readonly Entry[], Uint8Array>();

function encodeOnce(slice: readonly Entry[]): Uint8Array {
  const known = encodedSlices.get(slice);
  if (known !== undefined) return known;
  const encoded = encodeEntries(slice);
  encodedSlices.set(slice, encoded);
  return encoded;
}

/** Accepted: the match alone. Rejected: the tuple [prevIndex, hint]. */
const appendResult: Shape<AppendReply['result']> = {
  encode: (result) =>
    result.accepted ? result.match : [count.encode(result.prevIndex), position.encode(result.hint)],
  decode: (wire) => {
    if (!isList(wire)) return { accepted: true, match: count.decode(wire) };
    const [prevIndex = null, hint = null] = wire;
    return { accepted: false, prevIndex: count.decode(prevIndex), hint: position.decode(hint) };
  },
};

const head = { from: nodeId, to: nodeId, term: count };

const raftMessage: Shape<Message> = variants<Message>({
  preVote: { tag: 1, fields: { ...head, last: position } },
  preVoteReply: { tag: 2, fields: { ...head, granted: bool } },
  vote: {
    tag: 3,
    fields: { ...head, last: position, reason: oneOf<'election' | 'transfer'>('election', 'transfer') },
  },
  voteReply: { tag: 4, fields: { ...head, granted: bool } },
  append: {
    tag: 5,
    fields: { ...head, prev: position, entries, commit: count, readSeq: count, sentAt: count },
  },
  appendReply: { tag: 6, fields: { ...head, result: appendResult, readSeq: count, sentAt: count } },
  timeoutNow: { tag: 7, fields: { ...head, last: position } },
});

const hexId = text(32);

const genesis: Shape<Genesis> = record<Genesis>({
  clusterId: hexId,
  clusterName: name,
  voters: list(record<GenesisVoter>({ id: name, incarnation: hexId })),
});

/** Settings as sorted pairs; printed values, compared as text. */
const settings: Shape<Readonly<Record<string, string>>> = {
  encode: (value) => Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  decode: (wire) => {
    const pairs = list(list(name)).decode(wire);
    return Object.fromEntries(pairs.map(([setting = '', printed = '']) => [setting, printed]));
  },
};

const forwardedRequest: Shape<ForwardedRequest> = record<ForwardedRequest>({
  session: int64,
  sequence: count,
  operation: bytes,
});

/** Accepted: [term, index, ordinal]. Not: [code, message, outcome]. */
const forwardResult: Shape<ForwardResult> = {
  encode: (result) =>
    result.accepted
      ? [result.term, result.index, result.ordinal]
      : [result.code, result.message, outcome.encode(result.outcome)],
  decode: (wire) => {
    if (!isList(wire) || wire.length !== 3) throw new Malformed('a result is a triple');
    const [first = null, second = null, third = null]: readonly Wire[] = wire;
    if (typeof first === 'number') {
      const term = count.decode(first);
      return { accepted: true, term, index: count.decode(second), ordinal: count.decode(third) };
    }
    const message = sentence.decode(second);
    return { accepted: false, code: errorCode.decode(first), message, outcome: outcome.decode(third) };
  },
};

const batch = count;

const peerMessage: Shape<PeerMessage> = variants<PeerMessage>({
  hello: {
    tag: 10,
    fields: {
      protocolMin: count,
      protocolMax: count,
      clusterName: name,
      clusterId: nullable(hexId),
      nodeId: name,
      incarnation: hexId,
      voters: list(name),
      expects: name,
      client: name,
      settings,
    },
  },
  refuse: { tag: 11, fields: { code: errorCode, message: sentence } },
  genesis: { tag: 12, fields: { genesis } },
  raft: { tag: 13, fields: { message: raftMessage } },
  forward: { tag: 14, fields: { batch, requests: list(forwardedRequest) } },
  forwarded: { tag: 15, fields: { batch, results: list(forwardResult) } },
  readIndex: { tag: 16, fields: { batch } },
  readIndexReply: { tag: 17, fields: { batch, index: nullable(count) } },
  ping: { tag: 18, fields: {} },
});

export function encodePeerMessages(messages: readonly PeerMessage[]): Uint8Array {
  return packFrame(messages.map(peerMessage.encode));
}

/** All of a frame's messages, or the reason why the link that brought it must be closed. */
export function decodePeerFrame(frame: Uint8Array, limits: FrameLimits): Result<PeerMessage[]> {
  return decodeMessages(unpackFrame(frame, limits), peerMessage);
}
