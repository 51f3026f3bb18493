import { expect, test } from 'vitest';

import { answered, EngineBench, LOCAL_READ, newLeader, READ, topology, WRITE } from './engine-bench.ts';
import { failed, written } from './scripted-node.ts';

const ALL = ['a:1', 'b:1', 'c:1'] as const;

function sentAnywhere(bench: EngineBench): readonly string[] {
  return ALL.flatMap((address) => bench.sentTo(address));
}

test('a write whose connection breaks is unknown, and never sent again', () => {
  const bench = EngineBench.threeNodes();
  const write = bench.submit(WRITE);
  expect(bench.sentTo('a:1')).toEqual([`write ${write}`]);
  bench.cut('a:1', 'ECONNRESET');
  expect(bench.result(write)).toBe('UNAVAILABLE unknown');
  expect(bench.error(write).message).toMatch(/n1 broke before it said what became of the write: ECONNRESET/);
  bench.passAlive(5_000, ['b:1', 'c:1']);
  expect(sentAnywhere(bench)).toEqual([]);
});

test('a read whose connection breaks is asked elsewhere in the same turn', () => {
  const bench = EngineBench.threeNodes();
  const read = bench.submit(READ);
  bench.forgetSent();
  bench.cut('a:1');
  expect(bench.sentTo('b:1')).toEqual([`read ${read}`]);
  bench.say('b:1', answered(read));
  expect(bench.result(read)).toBe('ok');
});

test.each(['NO_QUORUM', 'SHUTTING_DOWN', 'OVERLOADED', 'UNAVAILABLE', 'RECOVERING'] as const)(
  'a write refused with %s is sent again if it was not applied, and only then',
  (code) => {
    const bench = EngineBench.threeNodes();
    const [harmless, doubtful] = [bench.submit(WRITE), bench.submit(WRITE)];
    bench.forgetSent();
    bench.say('a:1', failed(harmless, code, 'not-applied'), failed(doubtful, code, 'unknown'));
    bench.passAlive(1_000);
    expect(sentAnywhere(bench)).toEqual([`write ${harmless}`]);
    expect(bench.result(doubtful)).toBe(`${code} unknown`);
  },
);

test.each(['INVALID_ARGUMENT', 'VALUE_TOO_LARGE', 'INTERNAL'] as const)(
  '%s is the last word on a request, even after something that was worth a retry',
  (code) => {
    const bench = EngineBench.threeNodes();
    const read = bench.submit(READ);
    bench.say('a:1', failed(read, 'NO_QUORUM'));
    bench.passAlive(100);
    expect(bench.sentTo('b:1')).toEqual([`read ${read}`]);
    bench.say('b:1', failed(read, code));
    expect(bench.result(read)).toBe(`${code} not-applied`);
  },
);

test('a refused request keeps away from the node that refused it while there is another', () => {
  const bench = EngineBench.threeNodes();
  const write = bench.submit(WRITE);
  bench.forgetSent();
  bench.say('a:1', failed(write, 'NO_QUORUM'));
  bench.passAlive(500);
  expect(bench.sentTo('a:1')).toEqual([]);
  expect(bench.sentTo('b:1')).toEqual([`write ${write}`]);
});

test('the time that an overloaded node asks for is given to it', () => {
  const bench = EngineBench.threeNodes({ random: () => 0 });
  const write = bench.submit(WRITE);
  bench.forgetSent();
  const refusal = {
    code: 'OVERLOADED',
    message: '',
    outcome: 'not-applied',
    details: { retryAfterMs: 300 },
  } as const;
  bench.say('a:1', { type: 'failed', id: write, ...refusal });
  bench.pass(299);
  expect(sentAnywhere(bench)).toEqual([]);
  bench.pass(1);
  expect(bench.sentTo('b:1')).toEqual([`write ${write}`]);
});

/** How often a write is sent in four seconds in which every node refuses it at once. */
function attemptsIn4s(random: number): number {
  const bench = EngineBench.threeNodes({ random: () => random });
  const write = bench.submit(WRITE);
  let count = 0;
  for (let ms = 0; ms < 4_000; ms += 1) {
    for (const address of ALL) {
      for (const each of bench.sentTo(address)) {
        expect(each).toBe(`write ${write}`);
        count += 1;
        bench.say(address, failed(write, 'NO_QUORUM'));
      }
    }
    bench.pass(1);
  }
  return count;
}

test('attempts grow apart up to half a second, each at a random moment of its time', () => {
  // Delays of 0.999 of 40, 80, 160, 320, 500, 500, … ms.
  expect(attemptsIn4s(0.999)).toBe(11);
  expect(attemptsIn4s(0.5)).toBe(19);
});

test('news of a leader ends the waiting of those who were told that there is none', () => {
  const bench = EngineBench.threeNodes({ random: () => 0.999 });
  bench.say('a:1', newLeader(1, null));
  const write = bench.submit(WRITE);
  bench.say('a:1', failed(write, 'NO_QUORUM'));
  bench.forgetSent();
  bench.say('c:1', newLeader(2, 'n3'));
  expect(bench.sentTo('c:1')).toEqual([`write ${write}`]);
});

test('at the deadline the caller hears what a node said, rather than that time is up', () => {
  const bench = EngineBench.threeNodes();
  const [write, read] = [bench.submit(WRITE, 1_000), bench.submit(READ, 1_000)];
  bench.say('a:1', failed(write, 'NO_QUORUM'), failed(read, 'NO_QUORUM'));
  bench.passAlive(1_000);
  // By then both are in flight again: of the write nothing is known any more.
  expect(bench.result(write)).toBe('NO_QUORUM unknown');
  expect(bench.error(write).message).toMatch(
    /^the node says NO_QUORUM; then n\d did not answer within 1000 ms/,
  );
  expect(bench.result(read)).toBe('NO_QUORUM not-applied');
});

test("a node's own TIMEOUT ends a call; the caller's time is up as well", () => {
  const bench = EngineBench.threeNodes();
  const [write, read] = [bench.submit(WRITE), bench.submit(READ)];
  bench.say('a:1', failed(write, 'TIMEOUT', 'unknown'), failed(read, 'TIMEOUT'));
  expect(bench.result(write)).toBe('TIMEOUT unknown');
  expect(bench.result(read)).toBe('TIMEOUT not-applied');
});

test('without any answer a write is TIMEOUT unknown, and the node is told that nobody waits', () => {
  const bench = EngineBench.threeNodes();
  const write = bench.submit(WRITE, 300);
  bench.passAlive(299);
  expect(bench.result(write)).toBeUndefined();
  bench.pass(1);
  expect(bench.result(write)).toBe('TIMEOUT unknown');
  expect(bench.sentTo('a:1')).toEqual([`write ${write}`, `cancel ${write}`]);
  bench.say('a:1', written(write));
});

test('the node is told what time is left, a little less than the caller has', () => {
  const bench = EngineBench.threeNodes();
  bench.submit(WRITE, 1_000);
  const [write] = bench.framesTo('a:1').flat();
  expect(write).toMatchObject({ type: 'write', timeoutMs: 950 });

  const late = new EngineBench({ seeds: ['a:1'], discover: false });
  late.submit(WRITE, 1_000);
  late.pass(600);
  late.welcome('a:1');
  expect(late.framesTo('a:1').flat()).toContainEqual(
    expect.objectContaining({ type: 'write', timeoutMs: 380 }),
  );
});

test('nobody there: UNAVAILABLE, with what each endpoint met, and certainly not applied', () => {
  const bench = new EngineBench();
  const write = bench.submit(WRITE, 1_000);
  bench.cut('a:1', 'ECONNREFUSED');
  bench.pass(1_000);
  expect(bench.result(write)).toBe('UNAVAILABLE not-applied');
  expect(bench.error(write).message).toMatch(/a:1: ECONNREFUSED; b:1: no answer yet; c:1: no answer yet/);
});

test('an abort takes back what was not sent, and gives up on what was', () => {
  const bench = new EngineBench({ seeds: ['a:1'], discover: false });
  const queued = bench.submit(WRITE);
  bench.engine.abort(queued, 'enough');
  bench.drain();
  expect(bench.result(queued)).toBe('ABORTED not-applied');
  expect(bench.error(queued).cause).toBe('enough');

  bench.welcome('a:1');
  const [write, read] = [bench.submit(WRITE), bench.submit(READ)];
  bench.forgetSent();
  for (const id of [write, read]) bench.engine.abort(id, 'enough');
  bench.drain();
  expect(bench.result(write)).toBe('ABORTED unknown');
  expect(bench.result(read)).toBe('ABORTED not-applied');
  expect(bench.sentTo('a:1')).toEqual([`cancel ${write}`, `cancel ${read}`]);
});

test('closing settles everything: unknown only what was a write in flight', () => {
  const bench = EngineBench.threeNodes();
  const [write, read] = [bench.submit(WRITE), bench.submit(READ)];
  bench.engine.close();
  bench.drain();
  expect(bench.result(write)).toBe('CLOSED unknown');
  expect(bench.result(read)).toBe('CLOSED not-applied');
  expect(bench.hangUps).toHaveLength(3);
  expect(bench.result(bench.submit(WRITE))).toBe('CLOSED not-applied');
  expect(bench.wakeAt).toBe(Number.POSITIVE_INFINITY);
});

test('with retry: false the first failure is the answer', () => {
  const bench = EngineBench.threeNodes({ retry: false });
  const [write, read, cut] = [bench.submit(WRITE), bench.submit(READ), bench.submit(READ)];
  bench.say('a:1', failed(write, 'NO_QUORUM'), failed(read, 'NO_QUORUM'));
  bench.cut('a:1');
  expect([write, read, cut].map((id) => bench.result(id))).toEqual([
    'NO_QUORUM not-applied',
    'NO_QUORUM not-applied',
    'UNAVAILABLE not-applied',
  ]);
  const patient = bench.submit(READ);
  bench.passAlive(5_000, ['b:1', 'c:1']);
  expect(bench.result(patient)).toBe('TIMEOUT not-applied');
  expect(sentAnywhere(bench).filter((each) => each === `read ${patient}`)).toHaveLength(1);
});

test('retries stay within their budget: beyond it they wait, they do not fail', () => {
  const bench = EngineBench.threeNodes();
  const ids = Array.from({ length: 200 }, () => bench.submit(WRITE, 60_000));
  bench.forgetSent();
  for (const id of ids) bench.say('a:1', failed(id, 'OVERLOADED'));
  let sent = 0;
  for (let ms = 0; ms < 20_000; ms += 10) {
    bench.passAlive(10);
    for (const address of ALL) {
      for (const each of bench.sentTo(address)) {
        sent += 1;
        bench.say(address, failed(Number(each.split(' ')[1]), 'OVERLOADED'));
      }
    }
  }
  expect(bench.settled.size).toBe(1);
  // What was saved up, and 20 a second since.
  expect(sent).toBeGreaterThan(512);
  expect(sent).toBeLessThanOrEqual(512 + 20 * 20 + 1);
});

test('an answer to what was not asked ends the connection: what else it says is suspect too', () => {
  const bench = EngineBench.threeNodes();
  const read = bench.submit(READ);
  bench.forgetSent();
  bench.say('a:1', written(read));
  expect(bench.hangUps).toEqual([bench.connection('a:1')]);
  expect(bench.sentTo('b:1')).toEqual([`read ${read}`]);
});

test("an answer that comes after its request was given up is nobody's business", () => {
  const bench = EngineBench.threeNodes();
  const read = bench.submit(LOCAL_READ, 100);
  bench.passAlive(100);
  expect(bench.result(read)).toBe('TIMEOUT not-applied');
  bench.say('a:1', answered(read, 'local'), failed(read, 'TIMEOUT'));
  expect(bench.hangUps).toEqual([]);
});

test('a node that speaks before it welcomes us is hung up on', () => {
  const bench = new EngineBench({ seeds: ['a:1'], discover: false });
  bench.submit({ kind: 'greeting' });
  bench.engine.opened(bench.connection('a:1'));
  bench.say('a:1', { type: 'topology', topology: topology(1, 'n1') });
  expect(bench.hangUps).toEqual([1]);
});
