import { describe, expect, it } from 'vitest';
import type { Reply, ServerMessage } from '../../../src/wire/client-protocol.ts';
import { decodeAcknowledged } from '../../../src/wire/acknowledged-operation.ts';
import { DEFAULT_LIMITS } from '../../../src/wire/defaults.ts';
import { encodeOperation } from '../../../src/wire/operation-codec.ts';
import { EngineBench, newLeader } from './engine-bench.ts';

const INCREMENT = {
  kind: 'write',
  operation: encodeOperation({ type: 'increment', key: Uint8Array.of(1), by: 1n }),
} as const;

/** Writes that went to the node since the last look: `id session/sequence (back) operation`. */
function writesTo(bench: EngineBench, address: string): string[] {
  return bench
    .framesTo(address)
    .flat()
    .flatMap((message) => {
      if (message.type !== 'write') return [];
      const decoded = decodeAcknowledged(message.operation, DEFAULT_LIMITS);
      if (!decoded.ok) throw new Error(decoded.message);
      const { back, operation } = decoded.value;
      const said = back === null ? '' : ` back ${back}`;
      return [`${message.id} ${message.session}/${message.sequence}${said} ${operation.type}`];
    });
}

function written(id: number, reply: Reply): ServerMessage {
  return { type: 'written', id, term: 1, reply };
}

function opened(id: number, session = 9n): ServerMessage {
  return written(id, { type: 'sessionOpen', revision: 1, session });
}

function counted(id: number): ServerMessage {
  return written(id, { type: 'increment', revision: 2, value: 1n });
}

function expired(id: number): ServerMessage {
  return written(id, { type: 'failure', revision: 2, failure: { code: 'SESSION_EXPIRED' } });
}

/** Three nodes, n1 leads, and a session is open; the number of the next request is 4. */
function withSession(): EngineBench {
  const bench = EngineBench.threeNodes({ sessions: true });
  const first = bench.submit(INCREMENT);
  const [open] = writesTo(bench, 'a:1');
  expect(open).toBe(`${first + 1} 0/0 sessionOpen`);
  bench.say('a:1', opened(first + 1));
  expect(writesTo(bench, 'a:1')).toEqual([`${first} 9/1 increment`]);
  bench.say('a:1', counted(first));
  expect(bench.result(first)).toBe('ok');
  return bench;
}

describe('the session', () => {
  it('is opened once, with the first write; what comes meanwhile goes into it in order, and reads do not wait', () => {
    const bench = EngineBench.threeNodes({ sessions: true });
    const ids = [bench.submit(INCREMENT), bench.submit(INCREMENT), bench.submit(INCREMENT)];
    expect(writesTo(bench, 'a:1')).toEqual([`${(ids[0] ?? 0) + 1} 0/0 sessionOpen`]);
    bench.say('a:1', opened((ids[0] ?? 0) + 1));
    expect(writesTo(bench, 'a:1')).toEqual(ids.map((id, at) => `${id} 9/${at + 1} increment`));
  });

  it('tells with each write which replies may be forgotten', () => {
    const bench = withSession();
    const [second, third] = [bench.submit(INCREMENT), bench.submit(INCREMENT)];
    expect(writesTo(bench, 'a:1')).toEqual([
      `${second} 9/2 back 1 increment`,
      `${third} 9/3 back 2 increment`,
    ]);
    bench.say('a:1', counted(third));
    const fourth = bench.submit(INCREMENT);
    // The second is still open: only the first is acknowledged.
    expect(writesTo(bench, 'a:1')).toEqual([`${fourth} 9/4 back 3 increment`]);
    bench.say('a:1', counted(second));
    const fifth = bench.submit(INCREMENT);
    expect(writesTo(bench, 'a:1')).toEqual([`${fifth} 9/5 back 2 increment`]);
  });

  it('is renewed while the client lives, and closed with it', () => {
    const bench = withSession();
    bench.passAlive(19_900);
    expect(writesTo(bench, 'a:1')).toEqual([]);
    bench.passAlive(200);
    const [renew] = writesTo(bench, 'a:1');
    expect(renew).toMatch(/0\/0 sessionRenew$/);
    bench.say(
      'a:1',
      written(Number.parseInt(renew ?? '', 10), { type: 'sessionRenew', revision: 2, ttlsMs: [60_000] }),
    );
    bench.engine.close();
    bench.drain();
    expect(writesTo(bench, 'a:1')[0]).toMatch(/0\/0 sessionClose$/);
  });

  it('is left open by a client that does not know what became of a write: another one may ask', () => {
    const bench = withSession();
    bench.submit(INCREMENT);
    bench.forgetSent();
    bench.engine.close();
    bench.drain();
    expect(writesTo(bench, 'a:1')).toEqual([]);
  });
});

it('a session of another time to live is opened with it, and renewed three times within it', () => {
  const bench = EngineBench.threeNodes({ sessions: true, sessionTtlMs: 600 });
  const first = bench.submit(INCREMENT);
  expect(bench.framesTo('a:1').flat()).toMatchObject([
    { operation: encodeOperation({ type: 'sessionOpen', ttlMs: 600 }) },
  ]);
  bench.say('a:1', opened(first + 1));
  bench.say('a:1', counted(first));
  bench.forgetSent();
  bench.pass(199);
  expect(writesTo(bench, 'a:1')).toEqual([]);
  bench.pass(1);
  expect(writesTo(bench, 'a:1')).toEqual([expect.stringMatching(/0\/0 sessionRenew$/)]);
});

it('a client whose nodes are all away keeps trying to renew, and sleeps in between', () => {
  const bench = withSession();
  for (const address of ['a:1', 'b:1', 'c:1']) bench.cut(address);
  let turns = 0;
  const until = bench.now + 60_000;
  while (bench.wakeAt <= until) {
    bench.pass(bench.wakeAt - bench.now);
    turns += 1;
  }
  expect(turns).toBeLessThan(1_000);
});

describe('a write in a session', () => {
  it('that was cut off goes again under its number, and is answered', () => {
    const bench = withSession();
    const id = bench.submit(INCREMENT);
    expect(writesTo(bench, 'a:1')).toEqual([`${id} 9/2 back 1 increment`]);
    bench.cut('a:1');
    expect([...writesTo(bench, 'b:1'), ...writesTo(bench, 'c:1')]).toEqual([`${id} 9/2 back 1 increment`]);
    bench.say('b:1', counted(id));
    bench.say('c:1', counted(id));
    expect(bench.result(id)).toBe('ok');
  });

  it('goes again when a node does not know what became of it', () => {
    const bench = withSession();
    const id = bench.submit(INCREMENT);
    bench.forgetSent();
    const failed = {
      type: 'failed',
      id,
      code: 'UNAVAILABLE',
      message: 'cut',
      outcome: 'unknown',
      details: {},
    } as const;
    bench.say('a:1', failed);
    bench.passAlive(200);
    expect(['a:1', 'b:1', 'c:1'].flatMap((address) => writesTo(bench, address))).toEqual([
      `${id} 9/2 back 1 increment`,
    ]);
  });

  it('goes elsewhere when its node has gone silent', () => {
    const bench = withSession();
    const id = bench.submit(INCREMENT);
    bench.forgetSent();
    bench.passAlive(1_100, ['b:1', 'c:1']);
    bench.say('b:1', newLeader(2, 'n2'));
    expect([...writesTo(bench, 'b:1'), ...writesTo(bench, 'c:1')]).toContain(`${id} 9/2 back 1 increment`);
  });

  it('that is unknown when its time is up says how to ask, and keeps its reply from being forgotten', () => {
    const bench = withSession();
    const id = bench.submit(INCREMENT, 400);
    bench.pass(400);
    expect(bench.result(id)).toBe('TIMEOUT unknown');
    expect(bench.error(id).details.operation).toBe('9/2');
    const next = bench.submit(INCREMENT);
    expect(writesTo(bench, 'a:1')).toContain(`${next} 9/3 back 2 increment`);
    bench.engine.resolved(9n, 2);
    bench.say('a:1', counted(next));
    const last = bench.submit(INCREMENT);
    expect(writesTo(bench, 'a:1')).toEqual([`${last} 9/4 back 1 increment`]);
  });

  it('stays unknown when a later attempt was refused: the first may yet be applied', () => {
    const bench = withSession();
    const id = bench.submit(INCREMENT, 2_000);
    bench.cut('a:1');
    const refused = {
      type: 'failed',
      id,
      code: 'NO_QUORUM',
      message: 'nobody',
      outcome: 'not-applied',
      details: {},
    } as const;
    for (let turn = 0; turn < 20; turn += 1) {
      bench.passAlive(100, ['b:1', 'c:1']);
      bench.say('b:1', refused);
      bench.say('c:1', refused);
    }
    bench.passAlive(200, ['b:1', 'c:1']);
    expect(bench.result(id)).toBe('NO_QUORUM unknown');
  });

  it('sent once to a session that is gone was not done, and goes into the next session', () => {
    const bench = withSession();
    const id = bench.submit(INCREMENT);
    bench.forgetSent();
    bench.say('a:1', expired(id));
    const [open] = writesTo(bench, 'a:1');
    expect(open).toMatch(/sessionOpen$/);
    bench.say('a:1', opened(Number.parseInt(open ?? '', 10), 10n));
    expect(writesTo(bench, 'a:1')).toEqual([`${id} 10/1 increment`]);
  });

  it('sent twice to a session that is gone is unknown: the caller hears SESSION_EXPIRED', () => {
    const bench = withSession();
    const id = bench.submit(INCREMENT);
    bench.cut('a:1');
    bench.say('b:1', expired(id));
    bench.say('c:1', expired(id));
    const settlement = bench.settled.get(id);
    // Told as the state machine's word; the SDK makes an error of outcome `unknown` of it.
    expect(settlement).toMatchObject({
      ok: true,
      answer: { reply: { failure: { code: 'SESSION_EXPIRED' } } },
    });
  });

  it('waits for room when too many are not settled, and the oldest unknown ones make it', () => {
    const bench = withSession();
    const unknown = bench.submit(INCREMENT, 400);
    bench.pass(400);
    expect(bench.result(unknown)).toBe('TIMEOUT unknown');
    for (let at = 0; at < 998; at += 1) {
      const id = bench.submit(INCREMENT);
      bench.say('a:1', counted(id));
      expect(bench.result(id)).toBe('ok');
    }
    bench.forgetSent();
    bench.submit(INCREMENT);
    expect(writesTo(bench, 'a:1')[0]).toMatch(/9\/1001 back 1000 increment$/);
    bench.submit(INCREMENT);
    expect(writesTo(bench, 'a:1')[0]).toMatch(/9\/1002 back 2 increment$/);
  });

  it('is not kept out by large replies to unknown ones: they are let go of when the cluster wants room', () => {
    const bench = withSession();
    const unknown = bench.submit(INCREMENT, 400);
    bench.pass(400);
    expect(bench.result(unknown)).toBe('TIMEOUT unknown');
    bench.forgetSent();
    const id = bench.submit(INCREMENT);
    expect(writesTo(bench, 'a:1')).toEqual([`${id} 9/3 back 2 increment`]);
    const failure = { code: 'TOO_MANY_UNACKNOWLEDGED', acknowledgedThrough: 1 } as const;
    bench.say('a:1', written(id, { type: 'failure', revision: 2, failure }));
    bench.passAlive(200);
    expect(writesTo(bench, 'a:1')).toEqual([`${id} 9/3 back 1 increment`]);
  });
});

it('while no session can be opened, the caller hears what the nodes say about it, and nothing was applied', () => {
  const bench = EngineBench.threeNodes({ sessions: true });
  const id = bench.submit(INCREMENT, 1_000);
  const refused = {
    type: 'failed',
    id: id + 1,
    code: 'NO_QUORUM',
    message: 'nobody',
    outcome: 'not-applied',
    details: {},
  } as const;
  for (let turn = 0; turn < 11; turn += 1) {
    bench.passAlive(100);
    for (const address of ['a:1', 'b:1', 'c:1']) bench.say(address, refused);
  }
  expect(bench.result(id)).toBe('NO_QUORUM not-applied');
});

it('a write that waits for a session was not applied, whatever became of the request for one', () => {
  const bench = EngineBench.threeNodes({ sessions: true });
  const id = bench.submit(INCREMENT, 1_000);
  bench.cut('a:1');
  bench.passAlive(1_000, ['b:1', 'c:1']);
  expect(bench.result(id)).toBe('UNAVAILABLE not-applied');
  const hasty = EngineBench.threeNodes({ sessions: true, retry: false });
  const once = hasty.submit(INCREMENT);
  hasty.cut('a:1');
  expect(hasty.result(once)).toBe('UNAVAILABLE not-applied');
});

it('while a node sits on the request for a session and knows no leader, the caller hears that', () => {
  const bench = EngineBench.threeNodes({ sessions: true });
  const id = bench.submit(INCREMENT, 1_000);
  bench.say('a:1', newLeader(1, null));
  bench.passAlive(1_000);
  expect(bench.result(id)).toBe('NO_QUORUM not-applied');
});

it('without sessions a write that was cut off is unknown at once, and is not sent again', () => {
  const bench = EngineBench.threeNodes({ sessions: false });
  const id = bench.submit(INCREMENT);
  expect(writesTo(bench, 'a:1')).toEqual([`${id} 0/0 increment`]);
  bench.cut('a:1');
  expect(bench.result(id)).toBe('UNAVAILABLE unknown');
});
