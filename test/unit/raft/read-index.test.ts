import { expect, test } from 'vitest';
import { nodeId } from '../../property/raft/ids.ts';
import { bytes, Cluster } from './cluster.ts';

test('a read is answered once a quorum has confirmed the leader after it began', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(300);
  cluster.story();
  cluster.input('A', { type: 'read', ref: 1 });
  cluster.settle();
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  300 A → B term 1: after 1@1 nothing new, commit 1, read barrier 1
      300 A → C term 1: after 1@1 nothing new, commit 1, read barrier 1
      300 B → A term 1: I hold up to 1, read barrier 1
      300 A read 1 may be answered at 1
      300 C → A term 1: I hold up to 1, read barrier 1"
  `);
});

test('reads of one turn share one barrier, and one confirmation covers all earlier ones (edge case D27)', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(300);
  cluster.story();
  cluster.hold(({ to }) => to !== 'A');
  cluster.input('A', { type: 'read', ref: 1 });
  cluster.input('A', { type: 'read', ref: 2 });
  const earlier = cluster.intercept(({ type }) => type === 'append');
  cluster.input('A', { type: 'read', ref: 3 });
  cluster.say(`of ${earlier.length + 2} messages to B and C only the newest to B arrives`);
  cluster.intercept(({ to }) => to === 'C');
  cluster.release();
  expect(cluster.story()).toMatchInlineSnapshot(`
    "— of 6 messages to B and C only the newest to B arrives
      300 A → B term 1: after 1@1 nothing new, commit 1, read barrier 3
      300 B → A term 1: I hold up to 1, read barrier 3
      300 A read 1 may be answered at 1
      300 A read 2 may be answered at 1
      300 A read 3 may be answered at 1"
  `);
});

/**
 * etcd#20418: stale reads in production, because a retried read used its context again and late answers to its first
 * round confirmed the second. Here a barrier is a number of the leader's own; an old answer carries an old number.
 */
test('a late answer to an earlier round does not confirm a read that is asked again (edge case D26)', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(300);
  cluster.story();
  cluster.input('A', { type: 'read', ref: 1 });
  const asked = cluster.intercept(({ type }) => type === 'append');
  cluster.hold(({ type }) => type === 'appendReply');
  for (const message of asked) cluster.deliver(message);
  const late = cluster.intercept(({ type }) => type === 'appendReply');
  cluster.say('A is cut off before it hears the answers, and the client asks for the same read again');
  cluster.cut('A-B', 'A-C');
  cluster.input('A', { type: 'read', ref: 1 });
  cluster.release();
  cluster.say('the late answers confirm the first read, not the second');
  for (const message of late) cluster.deliver(message);
  cluster.settle();
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  300 A → B term 1: after 1@1 nothing new, commit 1, read barrier 1
      300 A → C term 1: after 1@1 nothing new, commit 1, read barrier 1
    — A is cut off before it hears the answers, and the client asks for the same read again
      300 A → B term 1: after 1@1 nothing new, commit 1, read barrier 2 (lost)
      300 A → C term 1: after 1@1 nothing new, commit 1, read barrier 2 (lost)
    — the late answers confirm the first read, not the second
      300 B → A term 1: I hold up to 1, read barrier 1
      300 A read 1 may be answered at 1
      300 C → A term 1: I hold up to 1, read barrier 1"
  `);
  expect(cluster.status('A').readsPending).toBe(1);
});

test('a read before the no-op is committed waits for it (edge case D25)', () => {
  const cluster = new Cluster('ABC').start();
  cluster.stallDisk('A', 'B', 'C');
  cluster.run(310);
  cluster.resumeDisk('A');
  cluster.hold(({ type }) => type === 'append');
  cluster.resumeDisk('B');
  cluster.stallDisk('B', 'C');
  cluster.story();
  cluster.input('A', { type: 'read', ref: 1 });
  cluster.release();
  cluster.say('B has confirmed the leader, but the no-op is only on the disk of A');
  cluster.resumeDisk('B');
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  310 A → B term 1: after 0@0 1@1 noop, commit 0
      310 B follows A in term 1
      310 A → C term 1: after 0@0 1@1 noop, commit 0
      310 C follows A in term 1
      310 A → B term 1: after 0@0 nothing new, commit 0, read barrier 1
      310 A → C term 1: after 0@0 nothing new, commit 0, read barrier 1
      310 B → A term 1: I hold up to 0, read barrier 1
    — B has confirmed the leader, but the no-op is only on the disk of A
      310 B has on disk write #2: append 1@1 noop
      310 B → A term 1: I hold up to 1, read barrier 1
      310 A read 1 may be answered at 1
      310 A applies 1@1 noop
      310 A → B term 1: after 1@1 nothing new, commit 1, read barrier 1
      310 B applies 1@1 noop"
  `);
});

test('a read does not wait for the disks of the followers', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(300);
  cluster.story();
  cluster.stallDisk('B', 'C');
  cluster.input('A', { type: 'propose', ref: 1, payloads: [bytes('x')] }, { type: 'read', ref: 2 });
  cluster.settle();
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  300 A proposal 1 stands at 2@1
      300 A has on disk write #3: append 2@1 command
      300 A → B term 1: after 1@1 2@1 command, commit 1, read barrier 1
      300 A → C term 1: after 1@1 2@1 command, commit 1, read barrier 1
      300 B → A term 1: I hold up to 1, read barrier 1
      300 A read 2 may be answered at 1
      300 C → A term 1: I hold up to 1, read barrier 1"
  `);
});

test('a follower sends readers to the leader, and a lone voter answers at once', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(300);
  cluster.story();
  cluster.input('B', { type: 'read', ref: 1 });
  const alone = new Cluster('A').start();
  alone.run(300);
  alone.story();
  alone.input('A', { type: 'read', ref: 2 });
  expect(`${cluster.story()}\n${alone.story()}`).toMatchInlineSnapshot(`
    "  300 B read 1 must be asked again, at A
      300 A read 2 may be answered at 1"
  `);
});

/**
 * Found by the property test: B answers a late append of A's term 1 from term 3, which A leads by now. If that answer
 * echoed the barrier of term 1, A would take it for one of term 3, which nobody has confirmed.
 */
test('an answer to an earlier term confirms no barrier of this one', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(300);
  cluster.input('A', { type: 'read', ref: 1 });
  const old = cluster.intercept(({ type, to }) => type === 'append' && to === 'B');
  cluster.settle();
  cluster.input('A', { type: 'transfer', ref: 2, to: nodeId('B') });
  cluster.settle();
  cluster.input('B', { type: 'transfer', ref: 3, to: nodeId('A') });
  cluster.settle();
  cluster.story();
  cluster.hold(({ type }) => type === 'append');
  cluster.input('A', { type: 'read', ref: 4 });
  for (const message of old) cluster.deliver(message);
  cluster.settle();
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  300 A → B term 1: after 1@1 nothing new, commit 1, read barrier 1
      300 B → A term 3: nothing fits at 0, try 0@0"
  `);
  expect(cluster.status('A')).toMatchObject({ role: 'leader', term: 3, readsPending: 1 });
});
