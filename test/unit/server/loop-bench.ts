import { expect } from 'vitest';
import { createStateMachine } from '../../../src/kv/index.ts';
import { Raft } from '../../../src/raft/raft.ts';
import type { Write } from '../../../src/raft/io.ts';
import type { Message } from '../../../src/raft/message.ts';
import type { NodeId } from '../../../src/raft/types.ts';
import type { LoopPorts } from '../../../src/server/loop-io.ts';
import { nodeId } from '../../../src/server/node-core.ts';
import { NodeLoop } from '../../../src/server/node-loop.ts';
import type { ClientMessage, ServerMessage } from '../../../src/wire/client-protocol.ts';
import { DEFAULT_LIMITS } from '../../../src/wire/defaults.ts';
import { encodeOperation } from '../../../src/wire/operation-codec.ts';
import type { PeerMessage } from '../../../src/wire/peer-protocol.ts';

export const N1: NodeId = nodeId('n1');
export const N2: NodeId = nodeId('n2');
export const HEARTBEAT_MS = 50;

/** One real loop over a real core and state machine; the test is its disk, its peers, its clients and its clock. */
export class Bench {
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
        history: { keptMs: 3_600_000, keptRevisions: 3 },
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

  /** n2 leads the term, and its link is up. */
  follow(now: number, term = 1): void {
    this.loop.step({ type: 'peerUp', peer: N2, client: '' }, now);
    this.hear({ type: 'raft', message: heartbeat(now, term) }, now);
    this.settle(now);
  }

  /** n2 votes for this node, which then leads term 1, and acknowledges its no-op. */
  lead(now: number): void {
    this.loop.step({ type: 'peerUp', peer: N2, client: '' }, now);
    this.settle(now);
    this.hearRaft({ type: 'preVoteReply', from: N2, to: N1, term: 1, granted: true, ahead: null }, now);
    this.hearRaft({ type: 'voteReply', from: N2, to: N1, term: 1, granted: true }, now);
    this.acknowledge(1, now);
  }

  hearRaft(message: Message, now: number): void {
    this.hear({ type: 'raft', message }, now);
    this.settle(now);
  }

  /** n2 holds everything up to `match`, and confirms whatever was asked by now. */
  acknowledge(match: number, now: number): void {
    const [newest] = this.sent('raft')
      .flatMap(({ message }) => (message.type === 'append' ? [message] : []))
      .toReversed();
    const readSeq = newest?.readSeq ?? 0;
    const result = { accepted: true as const, match };
    this.hearRaft({ type: 'appendReply', from: N2, to: N1, term: 1, result, readSeq, sentAt: now }, now);
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

function heartbeat(now: number, term: number) {
  const at = { prev: { index: 0, term: 0 }, entries: [], commit: 0, readSeq: 0, sentAt: now };
  return { type: 'append' as const, from: N2, to: N1, term, ...at };
}

export function get(id: number): ClientMessage {
  const query = { type: 'get' as const, keys: [Uint8Array.of(1)] };
  return { type: 'read', id, timeoutMs: 5_000, level: 'linearizable', minRevision: 0, query };
}

export function increment(id: number, timeoutMs = 5_000): ClientMessage {
  const operation = encodeOperation({ type: 'increment', key: Uint8Array.of(1), by: 1n });
  return { type: 'write', id, timeoutMs, session: 0n, sequence: 0, operation };
}

export function renew(id: number): ClientMessage {
  const operation = encodeOperation({ type: 'leaseRenew', ids: [7n] });
  return { type: 'write', id, timeoutMs: 5_000, session: 0n, sequence: 0, operation };
}
