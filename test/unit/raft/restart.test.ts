import { expect, test } from 'vitest';
import { Cluster } from './cluster.ts';

test('a restarted node applies up to its commit hint at once, reading its log in ranges, without any leader', () => {
  const cluster = new Cluster('ABC', { appendBytesMax: 3 });
  cluster.preload('A', 1, 1, 1, 1);
  cluster.disk('A').commitHint = 3;
  cluster.start();
  expect(cluster.story()).toMatchInlineSnapshot(`
    "    0 A reads 1 to 2 from disk
        0 A applies 1@1 e1
        0 A applies 2@1 e2
        0 A reads 3 to 3 from disk
        0 A applies 3@1 e3"
  `);
  expect(cluster.status('A')).toMatchObject({ committed: 3, applied: 3, leader: null });
});

test('a tail that nobody knew to be committed is committed after a restart of all, with the next no-op', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(300);
  cluster.hold(({ type }) => type === 'appendReply');
  cluster.propose('A', 'x');
  cluster.settle();
  cluster.crash('A', 'B', 'C');
  cluster.release();
  cluster.story();
  cluster.restart('A', 'B', 'C');
  cluster.run(300);
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  300 A starts again
      300 A reads 1 to 1 from disk
      300 A applies 1@1 noop
      300 B starts again
      300 B reads 1 to 1 from disk
      300 B applies 1@1 noop
      300 C starts again
      300 C reads 1 to 1 from disk
      300 C applies 1@1 noop
      600 A asks around before term 2
      600 A → B term 2: would you vote for me? my log ends at 2@1
      600 A → C term 2: would you vote for me? my log ends at 2@1
      600 B → A term 2: I would
      600 A is a candidate of term 2
      600 C → A term 2: I would
      600 A has on disk write #1: term 2, vote for A
      600 A → B term 2: vote for me; my log ends at 2@1
      600 B follows nobody in term 2
      600 A → C term 2: vote for me; my log ends at 2@1
      600 C follows nobody in term 2
      600 B has on disk write #1: term 2, vote for A
      600 C has on disk write #1: term 2, vote for A
      600 B → A term 2: you have my vote
      600 A leads term 2
      600 C → A term 2: you have my vote
      600 A has on disk write #2: append 3@2 noop
      600 A → B term 2: after 2@1 3@2 noop, commit 1
      600 B follows A in term 2
      600 A → C term 2: after 2@1 3@2 noop, commit 1
      600 C follows A in term 2
      600 B has on disk write #2: append 3@2 noop
      600 C has on disk write #2: append 3@2 noop
      600 B → A term 2: I hold up to 2
      600 C → A term 2: I hold up to 2
      600 B → A term 2: I hold up to 3
      600 A reads 2 to 2 from disk
      600 A applies 2@1 x
      600 A applies 3@2 noop
      600 C → A term 2: I hold up to 3
      600 A → B term 2: after 3@2 nothing new, commit 3
      600 B reads 2 to 2 from disk
      600 B applies 2@1 x
      600 B applies 3@2 noop
      600 A → C term 2: after 3@2 nothing new, commit 3
      600 C reads 2 to 2 from disk
      600 C applies 2@1 x
      600 C applies 3@2 noop"
  `);
  expect(cluster.applied('C')).toEqual(['1@1 noop', '2@1 x', '3@2 noop']);
});

test('a vote survives a crash: after it, the same term has no second vote to give', () => {
  const cluster = new Cluster('ABC').start();
  cluster.hold(({ type }) => type === 'voteReply');
  cluster.run(300);
  cluster.crash('B');
  cluster.restart('B');
  cluster.story();
  const [a, b, c] = [cluster.status('A').id, cluster.status('B').id, cluster.status('C').id];
  const vote = { type: 'vote', term: 1, reason: 'election', last: { index: 0, term: 0 } } as const;
  cluster.deliver({ ...vote, from: c, to: b });
  cluster.deliver({ ...vote, from: a, to: b });
  cluster.release();
  expect(cluster.told(/B →/u)).toMatchInlineSnapshot(`
    "  300 B → A term 1: you have my vote
      300 B → C term 1: no
      300 B → A term 1: I hold up to 1"
  `);
});
