import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../src/kv/operation.ts';
import { encodeOperation } from '../../../src/wire/operation-codec.ts';
import { decodeEnvelope } from '../../../src/wire/envelope.ts';
import { Bench, increment, N2 } from './loop-bench.ts';

const FIRST_LEASE = 1n;

/** A single node that leads; what it writes is noted before its disk has it. */
class Node {
  readonly bench = new Bench(['n1']);
  readonly proposed: Operation[] = [];
  now = 1_000;
  #id = 0;
  #seen = 0;

  constructor() {
    this.settle();
  }

  ask(operation: Operation): number {
    this.#id += 1;
    const outside = { timeoutMs: 5_000, session: 0n, sequence: 0 };
    this.bench.say(
      { type: 'write', id: this.#id, ...outside, operation: encodeOperation(operation) },
      this.now,
    );
    this.settle();
    return this.#id;
  }

  grant(ttlMs: number, id = FIRST_LEASE): void {
    this.ask({ type: 'leaseGrant', id, ttlMs });
  }

  attach(key: string, lease = FIRST_LEASE): void {
    const put = { key: Buffer.from(key), value: Buffer.from('v'), conditions: [], returnPrevious: false };
    this.ask({ type: 'put', ...put, lease });
  }

  settle(): void {
    let wakeAt: number;
    do {
      wakeAt = this.bench.loop.turn(this.now);
      for (let write = this.bench.writes.shift(); write !== undefined; write = this.bench.writes.shift()) {
        for (const entry of write.append) {
          if (entry.kind !== 'command') continue;
          this.proposed.push(...decodeEnvelope(entry.data).requests.map(({ operation }) => operation));
        }
        this.bench.loop.step({ type: 'persisted', through: write.seq }, this.now);
        wakeAt = this.now;
      }
      this.wakeAt = wakeAt;
    } while (wakeAt <= this.now);
  }

  wakeAt = 0;

  /** Turns as the loop asks for them. */
  pass(ms: number): void {
    const until = this.now + ms;
    while (this.wakeAt <= until) {
      this.now = Math.max(this.now, this.wakeAt);
      this.settle();
    }
    this.now = until;
    this.settle();
  }

  /** Since the last look. */
  took(type: Operation['type']): number {
    const fresh = this.proposed.slice(this.#seen);
    this.#seen = this.proposed.length;
    return fresh.filter((operation) => operation.type === type).length;
  }

  answerTo(id: number) {
    return this.bench.answers().find((answer) => 'id' in answer && answer.id === id);
  }

  has(key: string): boolean {
    this.#id += 1;
    const query = { type: 'get' as const, keys: [Buffer.from(key)] };
    this.bench.say(
      { type: 'read', id: this.#id, timeoutMs: 1_000, level: 'local', minRevision: 0, query },
      this.now,
    );
    const answer = this.answerTo(this.#id);
    if (answer?.type !== 'answer' || answer.result.type !== 'get') throw new Error('no answer');
    return answer.result.records[0] !== null;
  }
}

describe('a lease on a leader', () => {
  it('ends by itself with its keys, not before its time and soon after it', () => {
    const node = new Node();
    node.grant(1_000);
    node.attach('k');
    node.pass(990);
    expect(node.has('k')).toBe(true);
    node.pass(70);
    expect(node.has('k')).toBe(false);
    expect(node.took('leaseExpire')).toBe(1);
    node.pass(10_000);
    expect(node.took('leaseExpire')).toBe(0);
  });

  it('lives as long as it is renewed', () => {
    const node = new Node();
    node.grant(1_000);
    node.attach('k');
    for (let turn = 0; turn < 10; turn += 1) {
      node.pass(600);
      node.ask({ type: 'leaseRenew', ids: [FIRST_LEASE] });
    }
    expect(node.has('k')).toBe(true);
    node.pass(990);
    expect(node.has('k')).toBe(true);
    node.pass(130);
    expect(node.has('k')).toBe(false);
  });

  it('does not lose the time in which its leader slept', () => {
    const node = new Node();
    node.grant(1_000);
    node.attach('k');
    node.pass(100);
    node.now += 20_000;
    node.settle();
    expect(node.has('k')).toBe(true);
    node.pass(800);
    expect(node.has('k')).toBe(true);
    node.pass(150);
    expect(node.has('k')).toBe(false);
  });

  it('leaves a stamp in the log a few times a second, and none once there is no lease', () => {
    const node = new Node();
    node.grant(2_000);
    node.took('leaseRenew');
    node.pass(1_900);
    expect(node.took('leaseRenew')).toBeGreaterThanOrEqual(6);
    node.pass(300);
    node.took('leaseRenew');
    node.pass(20_000);
    expect(node.took('leaseRenew')).toBe(0);
  });
});

it('twenty thousand leases that end together take turns with the writes of others', () => {
  const node = new Node();
  for (let id = 1n; id <= 20_000n; id += 1n) {
    const ask = encodeOperation({ type: 'leaseGrant', id, ttlMs: 1_000 });
    const outside = { timeoutMs: 5_000, session: 0n, sequence: 0 };
    node.bench.say({ type: 'write', id: Number(id), ...outside, operation: ask }, node.now);
    if (id % 200n === 0n) node.settle();
  }
  node.pass(900);
  node.now += 110;
  // One turn and one write of the disk at a time: a write of somebody else is in the very next entry.
  let expiries = 0;
  for (let id = 30_001; expiries < 20; id += 1) {
    node.bench.say(increment(id), node.now);
    node.bench.loop.turn(node.now);
    const write = node.bench.writes.shift();
    if (write === undefined) throw new Error('nothing was written');
    node.bench.loop.step({ type: 'persisted', through: write.seq }, node.now);
    node.bench.loop.turn(node.now);
    const written = write.append.flatMap((entry) =>
      entry.kind === 'command' ? decodeEnvelope(entry.data).requests : [],
    );
    const ids = written.flatMap(({ operation }) => (operation.type === 'leaseExpire' ? operation.ids : []));
    expect(ids.length).toBeLessThanOrEqual(1_024);
    expect(written.some(({ operation }) => operation.type === 'increment')).toBe(true);
    expiries += ids.length === 0 ? 0 : 1;
    node.now += 1;
    expect(id).toBeLessThan(30_100);
  }
  const query = { type: 'leaseList' as const, after: null, limit: 0 };
  node.bench.say(
    { type: 'read', id: 99_999, timeoutMs: 1_000, level: 'local', minRevision: 0, query },
    node.now,
  );
  expect(node.answerTo(99_999)).toMatchObject({ result: { type: 'leaseList', leases: [], more: false } });
});

it('renewals wait for each other: one entry every 50 ms, each answered once it is applied', () => {
  const node = new Node();
  for (let id = 1n; id <= 3n; id += 1n) node.grant(1_000, id);
  const first = node.ask({ type: 'leaseRenew', ids: [1n] });
  expect(node.answerTo(first)).toMatchObject({ reply: { ttlsMs: [1_000] } });
  node.took('leaseRenew');
  const others = [2n, 3n].map((id) => {
    node.pass(10);
    return node.ask({ type: 'leaseRenew', ids: [id] });
  });
  expect(node.took('leaseRenew')).toBe(0);
  expect(others.map((id) => node.answerTo(id))).toEqual([undefined, undefined]);
  node.pass(30);
  expect(others.map((id) => node.answerTo(id))).toMatchObject([
    { reply: { ttlsMs: [1_000] } },
    { reply: { ttlsMs: [1_000] } },
  ]);
  expect(node.took('leaseRenew')).toBe(2);
});

it('a session that is not renewed ends by itself', () => {
  const node = new Node();
  const opened = node.answerTo(node.ask({ type: 'sessionOpen', ttlMs: 500 }));
  if (opened?.type !== 'written' || opened.reply.type !== 'sessionOpen') throw new Error('no session');
  const { session } = opened.reply;
  const operation = encodeOperation({ type: 'increment', key: Uint8Array.of(1), by: 1n });
  const write = (id: number, sequence: number): void => {
    node.bench.say({ type: 'write', id, timeoutMs: 1_000, session, sequence, operation }, node.now);
    node.settle();
  };
  write(101, 1);
  write(102, 1);
  node.pass(600);
  write(103, 2);
  expect([101, 102, 103].map((id) => node.answerTo(id))).toMatchObject([
    { reply: { type: 'increment', value: 1n } },
    { reply: { type: 'increment', value: 1n } },
    { reply: { type: 'failure', failure: { code: 'SESSION_EXPIRED' } } },
  ]);
});

it('who leads no more ends nothing, and a follower never does', () => {
  const bench = new Bench(['n1', 'n2', 'n3']);
  bench.lead(600);
  const grant = encodeOperation({ type: 'leaseGrant', id: 1n, ttlMs: 100 });
  bench.say({ type: 'write', id: 1, timeoutMs: 5_000, session: 0n, sequence: 0, operation: grant }, 610);
  bench.settle(610);
  bench.acknowledge(2, 620);
  expect(bench.answers()).toMatchObject([{ id: 1, reply: { type: 'leaseGrant' } }]);
  const heartbeat = { prev: { index: 2, term: 1 }, entries: [], commit: 2, readSeq: 0, sentAt: 640 };
  bench.hearRaft({ type: 'append', from: N2, to: bench.loop.view.self, term: 2, ...heartbeat }, 640);
  bench.writes.length = 0;
  for (let now = 700; now < 900; now += 10) bench.loop.turn(now);
  expect(bench.writes.flatMap(({ append }) => append)).toEqual([]);
});
