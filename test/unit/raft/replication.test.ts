import { expect, test } from 'vitest';
import type { Input } from '../../../src/raft/index.ts';
import { bytes, Cluster } from './cluster.ts';

const propose = (ref: number, value: string): Input => ({ type: 'propose', ref, payloads: [bytes(value)] });

test('any number of proposals in one turn become one append, and the window bounds what is on its way', () => {
  const cluster = new Cluster('ABC', { windowMessages: 2 }).start();
  cluster.run(300);
  cluster.story();
  cluster.hold(({ to }) => to === 'C');
  cluster.input('A', ...['a', 'b', 'c'].map((value, ref) => propose(ref, value)));
  cluster.input('A', propose(3, 'd'));
  cluster.input('A', propose(4, 'e'));
  cluster.settle();
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  300 A proposal 0 stands at 2@1
      300 A proposal 1 stands at 3@1
      300 A proposal 2 stands at 4@1
      300 A proposal 3 stands at 5@1
      300 A proposal 4 stands at 6@1
      300 A has on disk write #3: append 2@1 command … 4@1 command
      300 A has on disk write #4: append 5@1 command
      300 A has on disk write #5: append 6@1 command
      300 A → B term 1: after 1@1 2@1 command … 4@1 command, commit 1
      300 A → B term 1: after 4@1 5@1 command, commit 1
      300 B has on disk write #3: append 2@1 command … 4@1 command
      300 B has on disk write #4: append 5@1 command
      300 B → A term 1: I hold up to 5
      300 A applies 2@1 a
      300 A applies 3@1 b
      300 A applies 4@1 c
      300 A applies 5@1 d
      300 A → B term 1: after 5@1 6@1 command, commit 5
      300 B applies 2@1 a
      300 B applies 3@1 b
      300 B applies 4@1 c
      300 B applies 5@1 d
      300 B has on disk write #5: append 6@1 command
      300 B → A term 1: I hold up to 6
      300 A applies 6@1 e
      300 A → B term 1: after 6@1 nothing new, commit 6
      300 B applies 6@1 e"
  `);
  expect(cluster.status('A').peers.map(({ id, next, inFlight }) => ({ id, next, inFlight }))).toEqual([
    { id: 'B', next: 7, inFlight: 0 },
    { id: 'C', next: 6, inFlight: 2 },
  ]);
  cluster.say('C may be reached again');
  cluster.release();
  expect(cluster.story()).toMatchInlineSnapshot(`
    "— C may be reached again
      300 A → C term 1: after 1@1 2@1 command … 4@1 command, commit 1
      300 A → C term 1: after 4@1 5@1 command, commit 1
      300 A → C term 1: after 5@1 nothing new, commit 5
      300 A → C term 1: after 5@1 nothing new, commit 6
      300 C has on disk write #3: append 2@1 command … 4@1 command
      300 C has on disk write #4: append 5@1 command
      300 C applies 2@1 a
      300 C applies 3@1 b
      300 C applies 4@1 c
      300 C applies 5@1 d
      300 C → A term 1: I hold up to 5
      300 A → C term 1: after 5@1 6@1 command, commit 6
      300 C has on disk write #5: append 6@1 command
      300 C applies 6@1 e
      300 C → A term 1: I hold up to 6"
  `);
});

test('an append carries a bounded number of bytes, but always an entry', () => {
  const cluster = new Cluster('AB', { appendBytesMax: 80, windowBytes: 70 }).start();
  cluster.run(300);
  cluster.story();
  cluster.hold(({ to }) => to === 'B');
  cluster.propose(
    'A',
    'a',
    'b',
    'c',
    'd',
    'a very long value, which is larger than all of the limit together',
  );
  cluster.release();
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  300 A proposal 300 stands at 2@1
      300 A has on disk write #3: append 2@1 command … 6@1 command
      300 A → B term 1: after 1@1 2@1 command … 3@1 command, commit 1
      300 A → B term 1: after 3@1 4@1 command … 5@1 command, commit 1
      300 B has on disk write #3: append 2@1 command … 3@1 command
      300 B has on disk write #4: append 4@1 command … 5@1 command
      300 B → A term 1: I hold up to 5
      300 A applies 2@1 a
      300 A applies 3@1 b
      300 A applies 4@1 c
      300 A applies 5@1 d
      300 A → B term 1: after 5@1 6@1 command, commit 5
      300 B applies 2@1 a
      300 B applies 3@1 b
      300 B applies 4@1 c
      300 B applies 5@1 d
      300 B has on disk write #5: append 6@1 command
      300 B → A term 1: I hold up to 6
      300 A applies 6@1 a very long value, which is larger than all of the limit together
      300 A → B term 1: after 6@1 nothing new, commit 6
      300 B applies 6@1 a very long value, which is larger than all of the limit together"
  `);
});

test('a window that is lost as a whole is found out by the next heartbeat', () => {
  const cluster = new Cluster('AB', { windowMessages: 2 }).start();
  cluster.run(300);
  cluster.story();
  cluster.cut('A-B');
  for (const value of ['a', 'b', 'c']) cluster.propose('A', value);
  cluster.settle();
  cluster.heal();
  cluster.run(50);
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  300 A proposal 300 stands at 2@1
      300 A proposal 300 stands at 3@1
      300 A proposal 300 stands at 4@1
      300 A has on disk write #3: append 2@1 command
      300 A has on disk write #4: append 3@1 command
      300 A has on disk write #5: append 4@1 command
      300 A → B term 1: after 1@1 2@1 command, commit 1 (lost)
      300 A → B term 1: after 2@1 3@1 command, commit 1 (lost)
      350 A → B term 1: after 3@1 nothing new, commit 1
      350 B → A term 1: nothing fits at 3, try 1@1
      350 A → B term 1: after 1@1 2@1 command … 4@1 command, commit 1
      350 B has on disk write #3: append 2@1 command … 4@1 command
      350 B → A term 1: I hold up to 4
      350 A applies 2@1 a
      350 A applies 3@1 b
      350 A applies 4@1 c
      350 A → B term 1: after 4@1 nothing new, commit 4
      350 B applies 2@1 a
      350 B applies 3@1 b
      350 B applies 4@1 c"
  `);
});

test('a follower far behind is served from disk, one range at a time, while the others get the news from memory', () => {
  const cluster = new Cluster('ABC', { tailBytesMax: 0, appendBytesMax: 2 }).start();
  cluster.run(300);
  cluster.cut('A-C', 'B-C');
  cluster.propose('A', 'a', 'b', 'c', 'd');
  cluster.settle();
  expect(cluster.status('A')).toMatchObject({ tailFirst: 6, tailBytes: 0 });
  cluster.run(300);
  cluster.story();
  cluster.heal();
  cluster.run(50);
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  650 A → C term 1: after 5@1 nothing new, commit 5
      650 C → A term 1: nothing fits at 5, try 1@1
      650 A → C term 1: after 1@1 nothing new, commit 5
      650 C → A term 1: I hold up to 1
      650 A reads 2 to 3 from disk
      650 A reads 4 to 5 from disk
      650 A → C term 1: after 1@1 2@1 command … 3@1 command, commit 5
      650 A → C term 1: after 3@1 4@1 command … 5@1 command, commit 5
      650 C has on disk write #3: append 2@1 command … 3@1 command
      650 C has on disk write #4: append 4@1 command … 5@1 command
      650 C applies 2@1 a
      650 C applies 3@1 b
      650 C applies 4@1 c
      650 C applies 5@1 d
      650 C → A term 1: I hold up to 5"
  `);
  expect(cluster.applied('C')).toEqual(cluster.applied('A'));
});

test('a range that was read for one leadership is not sent in another (raft-core.md 1.4)', () => {
  const cluster = new Cluster('ABC', { tailBytesMax: 0 }).start();
  cluster.run(300);
  cluster.cut('A-C', 'B-C');
  cluster.propose('A', 'x');
  cluster.settle();
  cluster.run(100);
  cluster.holdFetches('A');
  cluster.heal();
  cluster.run(50);
  cluster.say('A has ordered 2 from its disk for C; before it arrives, leadership goes to B and back');
  cluster.input('A', { type: 'transfer', ref: 1, to: cluster.status('B').id });
  cluster.settle();
  cluster.input('B', { type: 'transfer', ref: 2, to: cluster.status('A').id });
  cluster.settle();
  cluster.story();
  expect(cluster.status('A')).toMatchObject({ role: 'leader', term: 3 });
  cluster.answerFetches('A');
  expect(cluster.story()).toMatchInlineSnapshot(`"  450 A reads 2 to 2 from disk"`);
});

test('a range that arrives after the peer has moved on is not sent', () => {
  const cluster = new Cluster('AB', { tailBytesMax: 0, windowMessages: 1 });
  cluster.preload('A', 1, 1, 1);
  cluster.preload('B', 1);
  cluster.start();
  cluster.holdFetches('A');
  cluster.run(300);
  cluster.say(
    'A has ordered 2 to 3 for B, and then the link to B comes back: where B stands must be asked again',
  );
  cluster.hold(({ to }) => to === 'B');
  cluster.linkUp('A', 'B');
  cluster.story();
  cluster.answerFetches('A');
  expect(cluster.story()).toMatchInlineSnapshot(`"  300 A reads 2 to 3 from disk"`);
  cluster.release();
  expect(cluster.disk('B').entries).toEqual(cluster.disk('A').entries);
});

test('a link that comes back is probed at once, from what is known to match', () => {
  const cluster = new Cluster('AB').start();
  cluster.run(300);
  cluster.story();
  cluster.cut('A-B');
  cluster.propose('A', 'x');
  cluster.settle();
  cluster.heal();
  cluster.linkUp('A', 'B');
  cluster.settle();
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  300 A proposal 300 stands at 2@1
      300 A has on disk write #3: append 2@1 command
      300 A → B term 1: after 1@1 2@1 command, commit 1 (lost)
      300 A → B term 1: after 1@1 2@1 command, commit 1
      300 B has on disk write #3: append 2@1 command
      300 B → A term 1: I hold up to 2
      300 A applies 2@1 x
      300 A → B term 1: after 2@1 nothing new, commit 2
      300 B applies 2@1 x"
  `);
});

test('what no correct peer sends is counted and dropped, and nothing throws', () => {
  const cluster = new Cluster('AB').start();
  cluster.run(300);
  cluster.story();
  const [a, b] = [cluster.status('A').id, cluster.status('B').id];
  const reply = { type: 'appendReply', from: b, to: a, term: 1, readSeq: 0, sentAt: 0 } as const;
  cluster.deliver({ ...reply, result: { accepted: true, match: 99 } });
  cluster.deliver({ ...reply, readSeq: 99, result: { accepted: true, match: 1 } });
  const append = { type: 'append', from: a, to: b, term: 1, commit: 1, readSeq: 0, sentAt: 0 } as const;
  const prev = { index: 1, term: 1 };
  cluster.deliver({ ...append, prev, entries: [{ kind: 'noop', index: 3, term: 1 }] });
  cluster.deliver({ ...append, prev, entries: [{ kind: 'noop', index: 2, term: 2 }] });
  cluster.deliver({ ...append, from: b, prev, entries: [] });
  expect(cluster.status('A')).toMatchObject({ malformed: 2, committed: 1 });
  expect(cluster.status('B')).toMatchObject({ malformed: 3, last: { index: 1, term: 1 } });
});
