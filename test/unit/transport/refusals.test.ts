import { expect, test } from 'vitest';

import type { PeerIdentity } from '../../../src/transport/handshake.ts';
import { listen } from '../../../src/transport/listener.ts';
import type { ErrorCode } from '../../../src/wire/errors.ts';
import type { Genesis } from '../../../src/wire/peer-protocol.ts';
import { CLIENT_SUBPROTOCOL } from '../../../src/wire/versions.ts';
import { FakePeer } from './fake-peer.ts';
import { clusterId, genesisOf, hello, incarnationOf } from './hellos.ts';
import { ManualClock } from './manual-clock.ts';
import { question } from './messages.ts';
import { addressesOf, HEARTBEAT_MS, quiet, TestNode, until } from './test-node.ts';

interface Case {
  readonly what: string;
  readonly code: ErrorCode;
  readonly n1?: { readonly self?: Partial<PeerIdentity>; readonly genesis?: Genesis };
  readonly n2?: { readonly self?: Partial<PeerIdentity>; readonly genesis?: Genesis };
}

const wiped = (id: string): Partial<PeerIdentity> => ({ incarnation: incarnationOf(id, 1) });

const CASES: readonly Case[] = [
  { what: 'another cluster name', code: 'WRONG_CLUSTER', n1: { self: { clusterName: 'other' } } },
  {
    what: 'another cluster of the same name',
    code: 'WRONG_CLUSTER',
    n1: { genesis: genesisOf(1) },
    n2: { genesis: genesisOf(2) },
  },
  { what: 'other voters', code: 'WRONG_CLUSTER', n2: { self: { voters: ['n1', 'n2'] } } },
  { what: 'the address of another node', code: 'WRONG_NODE', n2: { self: { nodeId: 'n3' } } },
  {
    what: 'a wiped directory that dials',
    code: 'INCARNATION_FENCED',
    n1: { self: wiped('n1') },
    n2: { genesis: genesisOf(1) },
  },
  {
    what: 'a wiped directory that is dialled',
    code: 'INCARNATION_FENCED',
    n1: { genesis: genesisOf(1) },
    n2: { self: wiped('n2') },
  },
  { what: 'another protocol', code: 'PROTOCOL_MISMATCH', n2: { self: { protocolMin: 2, protocolMax: 2 } } },
  {
    what: 'another value of what must be equal',
    code: 'CONFIG_INVALID',
    n1: { self: { settings: { heartbeatMs: '500' } } },
  },
];

test.each(CASES)(
  '$what ends with $code on both sides, and with no link',
  async ({ code, n1: one, n2: two }) => {
    const clock = new ManualClock();
    await using n1 = await TestNode.open('n1', { clock, ...one });
    await using n2 = await TestNode.open('n2', { clock, ...two });
    n2.join({});
    n1.join({ n2: n2.listener.address });
    await until('both warnings', () => n1.warnings.length > 0 && n2.warnings.length > 0);
    await quiet();
    expect([...n1.warnings, ...n2.warnings].map((warning) => warning.code)).toEqual([code, code]);
    expect(new Set([n1.warnings[0]?.kind, n2.warnings[0]?.kind])).toEqual(
      new Set(['refused', 'refusedByPeer']),
    );
    expect(n1.warnings[0]?.message).toBe(n2.warnings[0]?.message);
    expect([n1.told, n2.told]).toEqual([[], []]);

    // Tried again and again, said once.
    const attempts = n1.stats('n2').dialAttempts;
    for (let turn = 0; turn < 20; turn += 1) {
      clock.advance(HEARTBEAT_MS);
      await quiet();
    }
    expect(n1.stats('n2').dialAttempts).toBeGreaterThan(attempts);
    expect([n1.warnings, n2.warnings].map((warnings) => warnings.length)).toEqual([1, 1]);
  },
);

test('a peer that accepts us and is refused by us has heard nothing and told nobody of a link', async () => {
  await using n2 = await TestNode.open('n2', { clock: new ManualClock() });
  n2.join({});
  using n1 = await FakePeer.open(n2);
  n1.say(hello('n1', 'n2'));
  await until('its hello', () => n1.received.length === 1);
  expect(n2.links.isUp('n1')).toBe(false);
  expect(n2.links.send('n1', question(1))).toBe(false);
  n1.say({ type: 'refuse', code: 'WRONG_CLUSTER', message: 'not you' });
  await until('the end', () => n1.isClosed);
  expect(n2.told).toEqual([]);
  expect(n2.warnings).toEqual([
    { kind: 'refusedByPeer', peer: 'n1', code: 'WRONG_CLUSTER', message: 'not you' },
  ]);
});

test('what comes with a hello that is refused is not delivered', async () => {
  await using n2 = await TestNode.open('n2', { clock: new ManualClock() });
  n2.join({});
  using n1 = await FakePeer.open(n2);
  n1.say(hello('n1', 'n2', { clusterName: 'other' }), question(1));
  await until('the end', () => n1.isClosed);
  expect(n1.received.map((message) => (message.type === 'refuse' ? message.code : message.type))).toEqual([
    'WRONG_CLUSTER',
  ]);
  expect(n1.closedWith).toBe(1008);
  expect(n2.told).toEqual([]);
});

test('a genesis keeps the links of its members, ends those of others, and is in the next hello', async () => {
  await using n1 = await TestNode.open('n1');
  await using n2 = await TestNode.open('n2');
  await using n3 = await TestNode.open('n3', { self: wiped('n3') });
  const nodes = [n1, n2, n3];
  for (const node of nodes) node.join(addressesOf(...nodes));
  await until('all links', () => nodes.every((node) => node.told.length === 2));
  n1.links.setGenesis(genesisOf(1));
  await until('the end of one link', () => n3.told.includes('down n1 refused'));
  expect(n1.told.filter((each) => each.startsWith('down'))).toEqual(['down n3 refused']);
  expect(n1.links.isUp('n2')).toBe(true);
  expect(n3.warnings[0]).toMatchObject({ kind: 'refusedByPeer', peer: 'n1', code: 'INCARNATION_FENCED' });

  using late = await FakePeer.open(n2);
  n2.links.setGenesis(genesisOf(1));
  late.say(hello('n1', 'n2'));
  await until('its hello', () => late.received.length === 1);
  expect(late.received[0]).toMatchObject({ type: 'hello', clusterId: clusterId(1) });
});

test('settings that may differ leave the link up, and are said by name on both sides', async () => {
  await using n1 = await TestNode.open('n1', { self: { settings: { keyBytesMax: '1024' } } });
  await using n2 = await TestNode.open('n2', { self: { settings: { keyBytesMax: '4096' } } });
  n2.join({});
  n1.join({ n2: n2.listener.address });
  await until('a link', () => n1.links.isUp('n2') && n2.links.isUp('n1'));
  expect(n1.warnings).toEqual([
    {
      kind: 'settings',
      peer: 'n2',
      code: 'CONFIG_INVALID',
      message: 'keyBytesMax is 1024 on n1 and 4096 on n2',
    },
  ]);
  expect(n2.warnings.map((warning) => warning.kind)).toEqual(['settings']);
});

test('an address that is no peer port is named', async () => {
  await using n1 = await TestNode.open('n1', { clock: new ManualClock() });
  const other = await listen({
    host: '127.0.0.1',
    port: 0,
    subprotocol: CLIENT_SUBPROTOCOL,
    frameBytesMax: 1_000,
    connectionsMax: 1,
    allowedHosts: [],
    allowedOrigins: [],
    onConnection: (socket) => socket.terminate(),
  });
  n1.join({ n2: other.address });
  await until('the warning', () => n1.warnings.length > 0);
  expect(n1.warnings[0]).toMatchObject({ kind: 'foreign', peer: 'n2', code: 'WRONG_NODE' });
  expect(n1.warnings[0]?.message).toContain('HTTP status 400');
  await other.close();
});
