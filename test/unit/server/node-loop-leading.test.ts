import { describe, expect, it } from 'vitest';
import type { PeerMessage } from '../../../src/wire/peer-protocol.ts';
import { encodeOperation } from '../../../src/wire/operation-codec.ts';
import { Bench, get, increment, N1, N2 } from './loop-bench.ts';

const VOTERS = ['n1', 'n2', 'n3'];

function forward(batch: number): PeerMessage {
  const operation = encodeOperation({ type: 'increment', key: Uint8Array.of(1), by: 1n });
  return { type: 'forward', batch, requests: [{ session: 0n, sequence: 0, operation }] };
}

function leader(): Bench {
  const bench = new Bench(VOTERS);
  bench.lead(600);
  expect(bench.loop.view.isLeader).toBe(true);
  return bench;
}

describe('a leader', () => {
  it('tells a follower where its client’s write stands, before it is committed', () => {
    const bench = leader();
    bench.hear(forward(7), 610);
    bench.settle(610);
    const results = [{ accepted: true, term: 1, index: 2, ordinal: 0 }];
    expect(bench.sent('forwarded')).toEqual([{ type: 'forwarded', batch: 7, results }]);
  });

  it('answers no write and no read until a quorum has confirmed it', () => {
    const bench = leader();
    bench.say(increment(1), 610);
    bench.say(get(2), 610);
    bench.settle(610);
    expect(bench.answers()).toEqual([]);
    bench.acknowledge(2, 611);
    expect(bench.answers()).toHaveLength(2);
    expect(bench.answers()).toContainEqual(expect.objectContaining({ type: 'written', id: 1 }));
    expect(bench.answers()).toContainEqual(expect.objectContaining({ type: 'answer', id: 2 }));
  });

  it('does not answer over a new link what was asked over the last one', () => {
    const bench = leader();
    bench.hear({ type: 'readIndex', batch: 1 }, 610);
    bench.settle(610);
    bench.hear(forward(1), 611);
    bench.loop.step({ type: 'peerDown', peer: N2 }, 611);
    bench.loop.step({ type: 'peerUp', peer: N2, client: '' }, 611);
    bench.settle(611);
    bench.acknowledge(2, 612);
    expect(bench.sent('readIndexReply')).toEqual([]);
    expect(bench.sent('forwarded')).toEqual([]);
    expect(bench.loop.unanswered).toBe(0);
  });

  it('keeps a write that comes while it hands over, and gives it to the successor', () => {
    const bench = leader();
    bench.loop.step({ type: 'stop' }, 610);
    bench.say(increment(1), 610);
    bench.hear(forward(3), 610);
    bench.settle(610);
    expect(bench.sent('forwarded')).toMatchObject([
      { results: [{ accepted: false, outcome: 'not-applied' }] },
    ]);
    const last = { index: 1, term: 1 };
    const head = { from: N2, to: N1, term: 2 };
    bench.hearRaft({ type: 'vote', ...head, last, reason: 'transfer' }, 612);
    bench.hearRaft(
      { type: 'append', ...head, prev: last, entries: [], commit: 1, readSeq: 0, sentAt: 0 },
      613,
    );
    expect(bench.sent('forward')).toHaveLength(1);
    expect(bench.answers()).toEqual([]);
    expect(bench.toClient.at(-1)).toEqual({ type: 'goodbye' });
  });

  it('that has handed over stays a little, so that followers hear from it where to go', () => {
    const bench = leader();
    bench.loop.step({ type: 'clientClosed', connection: 1 }, 610);
    bench.loop.step({ type: 'stop' }, 610);
    bench.settle(610);
    const last = { index: 1, term: 1 };
    const head = { from: N2, to: N1, term: 2 };
    bench.hearRaft({ type: 'vote', ...head, last, reason: 'transfer' }, 612);
    bench.hearRaft(
      { type: 'append', ...head, prev: last, entries: [], commit: 1, readSeq: 0, sentAt: 0 },
      613,
    );
    bench.hear(forward(4), 650);
    bench.settle(650);
    expect(bench.sent('forwarded')).toMatchObject([{ batch: 4, results: [{ accepted: false }] }]);
    expect(bench.stopped).toBe(false);
    bench.settle(713);
    expect(bench.stopped).toBe(true);
  });

  it('whose successor never came hands over again, for as long as it drains and leads', () => {
    const bench = leader();
    bench.loop.step({ type: 'stop' }, 610);
    for (let now = 610; now <= 1_310; now += 50) bench.acknowledge(1, now);
    const offers = bench.sent('raft').filter(({ message }) => message.type === 'timeoutNow');
    // Twelve, one each heartbeat, go to the first successor, which is given up after an election timeout.
    expect(offers.length).toBeGreaterThan(12);
    expect(bench.stopped).toBe(false);
  });
});
