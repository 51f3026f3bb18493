/** One message of each kind, every field with a value of its own. The types hold the lists complete. */
import type { Operation } from '../../../src/kv/operation.ts';
import type { Message } from '../../../src/raft/message.ts';
import type { NodeId } from '../../../src/raft/types.ts';
import type { ClientMessage, ServerMessage, Topology } from '../../../src/wire/client-protocol.ts';
import type { PeerMessage } from '../../../src/wire/peer-protocol.ts';

type OneOfEach<U extends { readonly type: string }> = { readonly [K in U['type']]: Extract<U, { type: K }> };

const text = new TextEncoder();
const key = text.encode('config/a');
const value = text.encode('one');
const record = { key, value, createRevision: 7, modRevision: 300, version: 2, lease: -5n };

export const OPERATIONS: OneOfEach<Operation> = {
  put: {
    type: 'put',
    key,
    value,
    conditions: [{ type: 'revision', modRevision: 2 ** 40 }, { type: 'present' }],
    returnPrevious: true,
  },
  delete: {
    type: 'delete',
    target: { start: key, end: text.encode('config0') },
    conditions: [],
    returnPrevious: false,
  },
  increment: { type: 'increment', key, by: -2n },
  compact: { type: 'compact', revision: 2 ** 33 },
  txn: {
    type: 'txn',
    when: [
      { target: { start: key, end: null }, operator: '=', operand: { type: 'value', value } },
      {
        target: { start: key, end: text.encode('config0') },
        operator: '<',
        operand: { type: 'modRevision', number: 2 ** 34 },
      },
      { target: { start: key, end: null }, operator: '!=', operand: { type: 'lease', lease: -5n } },
    ],
    do: [
      { type: 'put', key, value, conditions: [], returnPrevious: false },
      { type: 'get', keys: [key] },
      {
        type: 'txn',
        when: [],
        do: [],
        otherwise: [
          {
            type: 'past',
            revision: 7,
            read: {
              type: 'scan',
              range: { start: key, end: new Uint8Array(0) },
              limit: 3,
              reverse: true,
              keysOnly: false,
              countOnly: true,
            },
          },
        ],
      },
    ],
    otherwise: [{ type: 'increment', key, by: 1n }],
  },
  sessionOpen: { type: 'sessionOpen', ttlMs: 10_000 },
  sessionRenew: { type: 'sessionRenew', ids: [2n ** 40n, -5n] },
  sessionClose: { type: 'sessionClose', id: 2n ** 40n },
  sessionExpire: { type: 'sessionExpire', ids: [2n ** 40n], term: 7 },
  leaseGrant: { type: 'leaseGrant', id: -5n, ttlMs: 2 ** 33 },
  leaseRenew: { type: 'leaseRenew', ids: [2n ** 40n, -5n] },
  leaseRevoke: { type: 'leaseRevoke', id: -5n },
  leaseExpire: { type: 'leaseExpire', ids: [-5n], term: 7 },
  resolve: { type: 'resolve', session: 2n ** 40n, sequence: 2 ** 33 },
};

const topology: Topology = {
  term: 3,
  leader: 'n1',
  members: [
    { id: 'n1', client: '127.0.0.1:7400' },
    { id: 'n2', client: '' },
  ],
};

export const CLIENT_MESSAGES: OneOfEach<ClientMessage> = {
  hello: { type: 'hello', protocolMin: 1, protocolMax: 2, client: 'quorate-js/0.1.0', clusterId: null },
  write: {
    type: 'write',
    id: 70_000,
    timeoutMs: 5_000,
    session: 0n,
    sequence: 1,
    operation: Uint8Array.of(1, 2, 3),
  },
  read: {
    type: 'read',
    id: 2,
    timeoutMs: 5_000,
    level: 'local',
    minRevision: 2 ** 33,
    query: {
      type: 'scan',
      range: { start: key, end: null },
      limit: 100,
      reverse: true,
      keysOnly: false,
      countOnly: false,
    },
  },
  cancel: { type: 'cancel', id: 2 ** 32 - 1 },
  ping: { type: 'ping', nonce: 9 },
};

export const SERVER_MESSAGES: OneOfEach<ServerMessage> = {
  welcome: {
    type: 'welcome',
    protocol: 1,
    clusterId: 'c'.repeat(32),
    nodeId: 'n1',
    topology,
    limits: { keyBytesMax: 4_096, valueBytesMax: 1_048_576, requestBytesMax: 1_572_864, inFlightMax: 256 },
  },
  written: {
    type: 'written',
    id: 1,
    term: 3,
    reply: { type: 'failure', revision: 300, failure: { code: 'CONFLICT', current: record } },
  },
  answer: {
    type: 'answer',
    id: 2,
    term: 3,
    revision: 300,
    level: 'local',
    ageMs: -1,
    result: { type: 'get', records: [record, null] },
  },
  failed: {
    type: 'failed',
    id: 0,
    code: 'OVERLOADED',
    message: 'too much at once',
    outcome: 'not-applied',
    details: { leader: 'n2', retryAfterMs: 50, hint: 'wait' },
  },
  topology: { type: 'topology', topology: { ...topology, leader: null } },
  goodbye: { type: 'goodbye' },
  pong: { type: 'pong', nonce: 9 },
};

const nodeId = (name: string): NodeId => {
  if (!isNodeId(name)) throw new Error('an empty name');
  return name;
};

function isNodeId(name: string): name is NodeId {
  return name !== '';
}

const head = { from: nodeId('n1'), to: nodeId('n2'), term: 3 };
const last = { index: 12, term: 2 };

export const RAFT_MESSAGES: OneOfEach<Message> = {
  preVote: { type: 'preVote', ...head, last },
  preVoteReply: { type: 'preVoteReply', ...head, granted: false, ahead: last },
  vote: { type: 'vote', ...head, last, reason: 'transfer' },
  voteReply: { type: 'voteReply', ...head, granted: false },
  append: {
    type: 'append',
    ...head,
    prev: last,
    entries: [
      { kind: 'noop', index: 13, term: 3 },
      { kind: 'command', index: 14, term: 3, data: Uint8Array.of(0xde, 0xad) },
      {
        kind: 'membership',
        index: 15,
        term: 3,
        membership: { voters: [nodeId('n1'), nodeId('n2')], outgoing: [], learners: [nodeId('n3')] },
      },
    ],
    commit: 12,
    readSeq: 4,
    sentAt: 2 ** 35,
  },
  appendReply: {
    type: 'appendReply',
    ...head,
    result: { accepted: false, prevIndex: 12, hint: { index: 11, term: 1 } },
    readSeq: 4,
    sentAt: 2 ** 35,
  },
  timeoutNow: { type: 'timeoutNow', ...head, last },
  pull: { type: 'pull', ...head, after: last },
  pullReply: {
    type: 'pullReply',
    ...head,
    asked: { index: 14, term: 2 },
    prev: last,
    entries: [{ kind: 'noop', index: 13, term: 3 }],
  },
};

export const PEER_MESSAGES: OneOfEach<PeerMessage> = {
  hello: {
    type: 'hello',
    protocolMin: 1,
    protocolMax: 1,
    clusterName: 'orders',
    clusterId: null,
    nodeId: 'n1',
    incarnation: 'a'.repeat(32),
    voters: ['n1', 'n2', 'n3'],
    expects: 'n2',
    client: '127.0.0.1:7400',
    settings: { heartbeatMs: '50', valueBytesMax: '1048576' },
  },
  refuse: { type: 'refuse', code: 'WRONG_CLUSTER', message: 'another cluster' },
  genesis: {
    type: 'genesis',
    genesis: {
      clusterId: 'c'.repeat(32),
      clusterName: 'orders',
      voters: [{ id: 'n1', incarnation: 'a'.repeat(32) }],
    },
  },
  raft: { type: 'raft', message: RAFT_MESSAGES.append },
  forward: {
    type: 'forward',
    batch: 5,
    requests: [{ session: 1n, sequence: 2, operation: Uint8Array.of(1, 2, 3) }],
  },
  forwarded: {
    type: 'forwarded',
    batch: 5,
    results: [
      { accepted: true, term: 3, index: 14, ordinal: 1 },
      { accepted: false, code: 'NO_QUORUM', message: 'no leader', outcome: 'not-applied' },
    ],
  },
  readIndex: { type: 'readIndex', batch: 6 },
  readIndexReply: { type: 'readIndexReply', batch: 6, index: null },
  ping: { type: 'ping' },
};
