import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/wire/defaults.ts';
import { Bench, get, HEARTBEAT_MS, increment, N2, renew } from './loop-bench.ts';

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

  it('asks a new term’s leader anew, and takes no late answer to the question of before', () => {
    const bench = new Bench(['n1', 'n2', 'n3']);
    bench.follow(10);
    bench.say(get(1), 10);
    bench.settle(10);
    bench.follow(11, 2);
    expect(bench.sent('readIndex').map(({ batch }) => batch)).toEqual([1, 2]);
    bench.hear({ type: 'readIndexReply', batch: 1, index: 0 }, 12);
    bench.settle(12);
    expect(bench.answers()).toEqual([]);
    bench.hear({ type: 'readIndexReply', batch: 2, index: 0 }, 13);
    bench.settle(13);
    expect(bench.answers()).toMatchObject([{ type: 'answer', id: 1 }]);
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

  it('forwards renewals apart, which the leader holds back: no write waits with them to hear where it stands', () => {
    const bench = new Bench(['n1', 'n2', 'n3']);
    bench.follow(10);
    bench.say(renew(1), 10);
    bench.say(increment(2), 10);
    bench.say(renew(3), 10);
    bench.settle(10);
    const sizes = bench.sent('forward').map(({ requests }) => requests.length);
    expect(sizes).toEqual([1, 2]);
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
