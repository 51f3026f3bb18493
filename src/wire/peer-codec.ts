/** The peer protocol as a table: one row a message, fields in the order of their tuple. */
import type { Entry } from '../raft/entry.ts';
import type { AppendRejected, AppendReply, Message } from '../raft/message.ts';
import type { NodeId, Position } from '../raft/types.ts';
import { decodeEntries, encodeEntries } from './entry-codec.ts';
import { packFrame, unpackFrame } from './frame.ts';
import type { FrameLimits, Result } from './frame.ts';
import { decodeMessages } from './messages.ts';
import type { ForwardedRequest, ForwardResult, Genesis, GenesisVoter, PeerMessage } from './peer-protocol.ts';
import {
  bool,
  bytes,
  int64,
  isAscending,
  isList,
  list,
  Malformed,
  nullable,
  oneOf,
  record,
  variants,
} from './shape.ts';
import type { Shape } from './shape.ts';
import { count, errorCode, name, outcome, sentence } from './shared-shapes.ts';

const nodeId: Shape<NodeId> = {
  encode: (id) => id,
  decode: (wire) => {
    const id = name.decode(wire);
    if (isNodeId(id)) return id;
    throw new Malformed('a node id has at least one character');
  },
};

/** A name that an operator gave; that it belongs to a member is the handshake's business. */
function isNodeId(id: string): id is NodeId {
  return id !== '';
}

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

const rejected = record<Omit<AppendRejected, 'accepted'>>({ prevIndex: count, hint: position });

/** Accepted: the match alone. Rejected: the tuple [prevIndex, hint]. */
const appendResult: Shape<AppendReply['result']> = {
  encode: (result) => (result.accepted ? result.match : rejected.encode(result)),
  decode: (wire) =>
    isList(wire)
      ? { accepted: false, ...rejected.decode(wire) }
      : { accepted: true, match: count.decode(wire) },
};

const head = { from: nodeId, to: nodeId, term: count };

const raftMessage: Shape<Message> = variants<Message>({
  preVote: { tag: 1, fields: { ...head, last: position } },
  preVoteReply: { tag: 2, fields: { ...head, granted: bool, ahead: nullable(position) } },
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
  pull: { tag: 8, fields: { ...head, after: position } },
  pullReply: { tag: 9, fields: { ...head, asked: position, prev: position, entries } },
});

/** 128 bits that some node drew. */
const hexId: Shape<string> = {
  encode: (id) => id,
  decode: (wire) => {
    if (typeof wire === 'string' && /^[0-9a-f]{32}$/.test(wire)) return wire;
    throw new Malformed('an id is 32 hex digits');
  },
};

const genesis: Shape<Genesis> = record<Genesis>({
  clusterId: hexId,
  clusterName: name,
  voters: list(record<GenesisVoter>({ id: name, incarnation: hexId })),
});

const settingPairs = list(record<{ setting: string; printed: string }>({ setting: name, printed: sentence }));

/** Sorted pairs of name and printed value; no name twice. */
const settings: Shape<Readonly<Record<string, string>>> = {
  encode: (value) =>
    settingPairs.encode(
      Object.entries(value)
        .map(([setting, printed]) => ({ setting, printed }))
        .toSorted((a, b) => (a.setting < b.setting ? -1 : 1)),
    ),
  decode: (wire) => {
    const pairs = settingPairs.decode(wire);
    if (!isAscending(pairs.map(({ setting }) => setting))) throw new Malformed('settings are not in order');
    return Object.fromEntries(pairs.map(({ setting, printed }) => [setting, printed]));
  },
};

const forwardedRequest: Shape<ForwardedRequest> = record<ForwardedRequest>({
  session: int64,
  sequence: count,
  operation: bytes,
});

type ForwardAccepted = Extract<ForwardResult, { accepted: true }>;
type ForwardRefused = Extract<ForwardResult, { accepted: false }>;

const accepted = record<Omit<ForwardAccepted, 'accepted'>>({ term: count, index: count, ordinal: count });
const refused = record<Omit<ForwardRefused, 'accepted'>>({ code: errorCode, message: sentence, outcome });

/** Accepted: [term, index, ordinal]. Not: [code, message, outcome]; a code is a string, a term is none. */
const forwardResult: Shape<ForwardResult> = {
  encode: (result) => (result.accepted ? accepted.encode(result) : refused.encode(result)),
  decode: (wire) =>
    isList(wire) && typeof wire[0] === 'string'
      ? { accepted: false, ...refused.decode(wire) }
      : { accepted: true, ...accepted.decode(wire) },
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
