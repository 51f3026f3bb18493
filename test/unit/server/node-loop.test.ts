import { describe, expect, it } from 'vitest';
import { createStateMachine } from '../../../src/kv/index.ts';
import { Raft } from '../../../src/raft/raft.ts';
import type { Write } from '../../../src/raft/io.ts';
import { ClusterClock } from '../../../src/server/cluster-clock.ts';
import type { LoopPorts } from '../../../src/server/loop-io.ts';
import { nodeId } from '../../../src/server/node-core.ts';
import { NodeLoop } from '../../../src/server/node-loop.ts';
import type { ClientMessage, ServerMessage } from '../../../src/wire/client-protocol.ts';
import { DEFAULT_LIMITS } from '../../../src/wire/defaults.ts';
import { encodeOperation } from '../../../src/wire/operation-codec.ts';
import type { PeerMessage } from '../../../src/wire/peer-protocol.ts';

const N1 = nodeId('n1');
const N2 = nodeId('n2');
const HEARTBEAT_MS = 50;

/** One real loop over a real core and state machine; the test is its disk, its peers, its clients and its clock. */
class Bench {
  readonly toPeer: PeerMessage[] = [];
  readonly toClient: ServerMessage[] = [];
  readonly writes: Write[] = [];
  readonly loop: NodeLoop;
  stopped = false;

  constructor(voters: readonly string[]) {
    const raft = Raft.restore(
      {
        id: N1,
        heartbeatMs: HEARTBEAT_MS,
        electionTimeoutMinMs: 300,
        electionTimeoutMaxMs: 600,
        writesInFlightMax: 1,
        windowMessages: 8,
        windowBytes: 1 << 20,
        appendBytesMax: 1 << 16,
        uncommittedBytesMax: 1 << 20,
        tailBytesMax: 1 << 20,
        checkInvariants: 'all',
        random: () => 0,
      },
      {
        hardState: { term: 0, votedFor: null },
        last: { index: 0, term: 0 },
        terms: [],
        memberships: [{ index: 0, membership: { voters: voters.map(nodeId), outgoing: [], learners: [] } }],
        commitHint: 0,
      },
      0,
    );
    const ports: LoopPorts = {
      persist: (write) => this.writes.push(write),
      fetch: () => expect.unreachable('everything is in memory'),
      toPeer: (_peer, message) => this.toPeer.push(message),
      toClient: (_connection, message) => this.toClient.push(message),
      closeClient: () => expect.unreachable('no client misbehaves'),
      stopped: () => {
        this.stopped = true;
      },
    };
    const members = voters.map((id) => ({ id: nodeId(id), client: '' }));
    this.loop = new NodeLoop(
      raft,
      createStateMachine(),
      ports,
      {
        facts: { self: N1, clusterId: 'c', members },
        limits: DEFAULT_LIMITS,
        clusterTimeMs: 0,
        heartbeatMs: HEARTBEAT_MS,
        electionTimeoutMaxMs: 600,
      },
      0,
    );
    this.loop.step({ type: 'clientOpened', connection: 1 }, 0);
    this.say({ type: 'hello', protocolMin: 1, protocolMax: 1, client: 'test', clusterId: null }, 0);
  }

  say(message: ClientMessage, now: number): void {
    this.loop.step({ type: 'clientMessages', connection: 1, messages: [message] }, now);
  }

  hear(message: PeerMessage, now: number): void {
    this.loop.step({ type: 'peerMessages', peer: N2, messages: [message] }, now);
  }

  /** The disk does at once what it was asked, and the loop takes as many turns as that gives it. */
  settle(now: number): number {
    let wakeAt = this.loop.turn(now);
    for (let write = this.writes.shift(); write !== undefined; write = this.writes.shift()) {
      this.loop.step({ type: 'persisted', through: write.seq }, now);
      wakeAt = this.loop.turn(now);
    }
    return wakeAt;
  }

  /** n2 leads term 1, and its link is up. */
  follow(now: number): void {
    this.loop.step({ type: 'peerUp', peer: N2, client: '' }, now);
    this.hear({ type: 'raft', message: heartbeat(now) }, now);
    this.settle(now);
  }

  answers(): ServerMessage[] {
    return this.toClient.filter(({ type }) => type === 'written' || type === 'answer' || type === 'failed');
  }

  sent<T extends PeerMessage['type']>(type: T): Extract<PeerMessage, { type: T }>[] {
    return this.toPeer.filter(
      (message): message is Extract<PeerMessage, { type: T }> => message.type === type,
    );
  }
}

function heartbeat(now: number) {
  const at = { prev: { index: 0, term: 0 }, entries: [], commit: 0, readSeq: 0, sentAt: now };
  return { type: 'append' as const, from: N2, to: N1, term: 1, ...at };
}

function get(id: number): ClientMessage {
  const query = { type: 'get' as const, keys: [Uint8Array.of(1)] };
  return { type: 'read', id, timeoutMs: 5_000, level: 'linearizable', minRevision: 0, query };
}

function increment(id: number, timeoutMs = 5_000): ClientMessage {
  const operation = encodeOperation({ type: 'increment', key: Uint8Array.of(1), by: 1n });
  return { type: 'write', id, timeoutMs, session: 0n, sequence: 0, operation };
}

describe('a single node', () => {
  it('elects itself, answers a write once it is applied, then a read that sees it', () => {
    const bench = new Bench(['n1']);
    bench.settle(600);
    bench.say(increment(1), 600);
    bench.settle(600);
    bench.say(get(2), 600);
    bench.settle(600);
    const [written, answer] = bench.answers();
    expect(written).toMatchObject({ type: 'written', id: 1, reply: { value: 1n, revision: 2 } });
    expect(answer).toMatchObject({ type: 'answer', id: 2, level: 'linearizable', ageMs: 0 });
  });

  it('acknowledges nothing while its disk is busy', () => {
    const bench = new Bench(['n1']);
    bench.settle(600);
    bench.say(increment(1), 600);
    bench.loop.turn(600);
    expect(bench.answers()).toEqual([]);
    bench.settle(600);
    expect(bench.answers()).toHaveLength(1);
  });

  it('says goodbye when it stops, and is done when its last client has left', () => {
    const bench = new Bench(['n1']);
    bench.settle(600);
    bench.loop.step({ type: 'stop' }, 600);
    bench.settle(600);
    expect(bench.toClient.at(-1)).toEqual({ type: 'goodbye' });
    expect(bench.stopped).toBe(false);
    bench.loop.step({ type: 'clientClosed', connection: 1 }, 601);
    bench.settle(601);
    expect(bench.stopped).toBe(true);
  });
});

describe('a follower', () => {
  it('asks for one read index at a time; what arrives meanwhile goes into the next question', () => {
    const bench = new Bench(['n1', 'n2', 'n3']);
    bench.follow(10);
    bench.say(get(1), 10);
    bench.settle(10);
    bench.say(get(2), 11);
    bench.settle(11);
    expect(bench.sent('readIndex')).toEqual([{ type: 'readIndex', batch: 1 }]);
    bench.hear({ type: 'readIndexReply', batch: 1, index: 0 }, 12);
    bench.settle(12);
    expect(bench.answers()).toMatchObject([{ type: 'answer', id: 1 }]);
    expect(bench.sent('readIndex').at(-1)).toEqual({ type: 'readIndex', batch: 2 });
  });

  it('answers a write as unknown when the link to the leader breaks before it said where it stands', () => {
    const bench = new Bench(['n1', 'n2', 'n3']);
    bench.follow(10);
    bench.say(increment(1), 10);
    bench.settle(10);
    expect(bench.sent('forward')).toHaveLength(1);
    bench.loop.step({ type: 'peerDown', peer: N2 }, 11);
    bench.settle(11);
    expect(bench.answers()).toMatchObject([
      { type: 'failed', id: 1, code: 'UNAVAILABLE', outcome: 'unknown' },
    ]);
  });

  it('offers a write again that the leader turned away, and that was never in a log', () => {
    const bench = new Bench(['n1', 'n2', 'n3']);
    bench.follow(10);
    bench.say(increment(1), 10);
    bench.settle(10);
    const results = [
      { accepted: false as const, code: 'NO_QUORUM' as const, message: '', outcome: 'not-applied' as const },
    ];
    bench.hear({ type: 'forwarded', batch: 1, results }, 11);
    bench.settle(11);
    expect(bench.sent('forward')).toHaveLength(1);
    bench.settle(11 + HEARTBEAT_MS);
    expect(bench.sent('forward')).toHaveLength(2);
    expect(bench.answers()).toEqual([]);
  });

  it('does not spin while a read waits for a leader that it cannot reach', () => {
    const bench = new Bench(['n1', 'n2', 'n3']);
    bench.follow(10);
    bench.say(get(1), 10);
    bench.settle(10);
    bench.hear({ type: 'readIndexReply', batch: 1, index: null }, 11);
    bench.loop.step({ type: 'peerDown', peer: N2 }, 12);
    bench.settle(12);
    expect(bench.settle(11 + HEARTBEAT_MS)).toBeGreaterThan(11 + HEARTBEAT_MS);
  });

  it('refuses with NO_QUORUM once nobody has led for two election timeouts, and answers by the deadline before', () => {
    const bench = new Bench(['n1', 'n2', 'n3']);
    bench.say(increment(1, 500), 0);
    bench.say(increment(2), 0);
    bench.settle(500);
    expect(bench.answers()).toMatchObject([{ id: 1, code: 'NO_QUORUM', outcome: 'not-applied' }]);
    bench.settle(1_200);
    expect(bench.answers().at(-1)).toMatchObject({ id: 2, code: 'NO_QUORUM', outcome: 'not-applied' });
    bench.say(increment(3), 1_201);
    bench.settle(1_201);
    expect(bench.answers().at(-1)).toMatchObject({ id: 3, code: 'NO_QUORUM', outcome: 'not-applied' });
  });

  it('refuses more requests than a connection may have in flight', () => {
    const bench = new Bench(['n1', 'n2', 'n3']);
    for (let id = 1; id <= DEFAULT_LIMITS.inFlightPerConnectionMax; id += 1) bench.say(get(id), 0);
    expect(bench.answers()).toEqual([]);
    bench.say(get(1_000), 0);
    expect(bench.answers()).toMatchObject([{ id: 1_000, code: 'OVERLOADED', outcome: 'not-applied' }]);
  });
});

describe('cluster time', () => {
  it('goes on from the highest stamp in the log, by the leader’s own clock, and never back', () => {
    const clock = new ClusterClock(5_000);
    clock.observe(5_120);
    clock.leadershipBegan(77);
    expect(clock.stamp(77)).toBe(5_120);
    expect(clock.stamp(90)).toBe(5_133);
    expect(clock.stamp(80)).toBe(5_133);
    clock.leadershipEnded();
    expect(() => clock.stamp(91)).toThrow('only a leader');
  });
});
