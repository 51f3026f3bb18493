import { describe, expect, test } from 'vitest';

import { judgeHello } from '../../../src/transport/handshake.ts';
import type { OwnSide } from '../../../src/transport/handshake.ts';
import type { ErrorCode } from '../../../src/wire/errors.ts';
import type { PeerHello } from '../../../src/wire/peer-protocol.ts';
import { clusterId, genesisOf, hello, identity, incarnationOf } from './hellos.ts';

/** n2 judges what n1, which dialled it, says; rows change one thing, on one of the sides. */
interface Row {
  readonly other: string;
  readonly decision: ErrorCode | 'accept';
  readonly own?: Partial<OwnSide>;
  readonly says?: Partial<PeerHello>;
}

const member = { genesis: genesisOf(1) };
const ofOurs = { clusterId: clusterId(1) };

const ROWS: readonly Row[] = [
  { other: 'is fresh, and so are we', decision: 'accept' },
  { other: 'is a member, and so are we', own: member, says: ofOurs, decision: 'accept' },
  { other: 'is a member, and we are fresh: it judges us', says: ofOurs, decision: 'accept' },
  { other: 'has missed the genesis that names it', own: member, decision: 'accept' },
  { other: 'speaks older protocols too', says: { protocolMin: 0, protocolMax: 1 }, decision: 'accept' },
  {
    other: 'speaks newer protocols only',
    says: { protocolMin: 2, protocolMax: 3 },
    decision: 'PROTOCOL_MISMATCH',
  },
  {
    other: 'speaks another protocol and is of another cluster',
    says: { protocolMin: 2, protocolMax: 2, clusterName: 'other' },
    decision: 'PROTOCOL_MISMATCH',
  },
  { other: 'names another cluster', says: { clusterName: 'other' }, decision: 'WRONG_CLUSTER' },
  {
    other: 'is of another cluster of the same name',
    own: member,
    says: { clusterId: clusterId(2) },
    decision: 'WRONG_CLUSTER',
  },
  {
    other: 'is ourselves, met through a wrong address',
    says: { nodeId: 'n2', incarnation: incarnationOf('n2') },
    decision: 'WRONG_NODE',
  },
  { other: 'has our id and another directory', says: { nodeId: 'n2' }, decision: 'WRONG_NODE' },
  { other: 'takes us for n3', says: { expects: 'n3' }, decision: 'WRONG_NODE' },
  { other: 'is not the one that we dialled', own: { dialled: 'n3' }, decision: 'WRONG_NODE' },
  { other: 'is none of our voters', says: { nodeId: 'n0' }, decision: 'WRONG_NODE' },
  { other: 'dialled us with a larger id', says: { nodeId: 'n3' }, decision: 'PROTOCOL_MISMATCH' },
  { other: 'has fewer voters', says: { voters: ['n1', 'n2'] }, decision: 'WRONG_CLUSTER' },
  { other: 'has another voter', says: { voters: ['n1', 'n2', 'n4'] }, decision: 'WRONG_CLUSTER' },
  {
    other: 'was wiped: fresh, under a known id',
    own: member,
    says: { incarnation: incarnationOf('n1', 1) },
    decision: 'INCARNATION_FENCED',
  },
  {
    other: 'has the cluster, but in another directory',
    own: member,
    says: { ...ofOurs, incarnation: incarnationOf('n1', 1) },
    decision: 'INCARNATION_FENCED',
  },
  {
    other: 'has slower heartbeats',
    says: { settings: { heartbeatMs: '500' } },
    decision: 'CONFIG_INVALID',
  },
  {
    other: 'admits larger requests',
    says: { settings: { requestBytesMax: '9' } },
    decision: 'CONFIG_INVALID',
  },
  { other: 'does not know a setting that must be equal', says: { settings: {} }, decision: 'accept' },
];

describe('the decision about a peer that', () => {
  test.each(ROWS)('$other is $decision', ({ own, says, decision }) => {
    const side: OwnSide = { self: identity('n2'), genesis: null, dialled: null, ...own };
    const verdict = judgeHello(side, hello('n1', 'n2', says));
    expect(verdict.accept ? 'accept' : verdict.code).toBe(decision);
  });
});

test('a refusal names both sides and says what to do', () => {
  const side: OwnSide = { self: identity('n2'), genesis: genesisOf(1), dialled: null };
  const verdict = judgeHello(side, hello('n1', 'n2', { incarnation: incarnationOf('n1', 1) }));
  expect(verdict).toEqual({
    accept: false,
    code: 'INCARNATION_FENCED',
    message: `n1 runs on a fresh data directory, not on the one with which it joined cluster ${clusterId(1)}`,
    hint:
      'start n1 on its own data directory; only if no data of this cluster is to be kept, ' +
      'stop all nodes, remove all their data directories and start again',
  });
});

test('settings that may differ are accepted and reported by name, with both values', () => {
  const side: OwnSide = { self: identity('n2'), genesis: null, dialled: null };
  const settings = { heartbeatMs: '50', keyBytesMax: '1024', zone: 'a' };
  const verdict = judgeHello(side, hello('n1', 'n2', { settings }));
  expect(verdict).toEqual({
    accept: true,
    protocol: 1,
    warnings: [
      'keyBytesMax is 4096 on n2 and 1024 on n1',
      'requestBytesMax is 1572864 on n2 and unset on n1',
      'zone is unset on n2 and a on n1',
    ],
  });
});

test('two sides with the same records come to the same end, whoever judges', () => {
  const strangers: readonly Partial<PeerHello>[] = [
    {},
    { clusterName: 'other' },
    { voters: ['n1', 'n2'] },
    { protocolMin: 2, protocolMax: 2 },
    { settings: { heartbeatMs: '1' } },
  ];
  for (const change of strangers) {
    const accepts = judgeHello(
      { self: identity('n2'), genesis: null, dialled: null },
      hello('n1', 'n2', change),
    );
    const dials = judgeHello(
      { self: { ...identity('n1'), ...change }, genesis: null, dialled: 'n2' },
      hello('n2', 'n1'),
    );
    expect(dials.accept).toBe(accepts.accept);
  }
});
