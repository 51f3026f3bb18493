import { expect, test } from 'vitest';
import type { Append } from '../../../src/raft/index.ts';
import { Cluster } from './cluster.ts';

test('an old leader gives up entries that were never committed and takes those of the new leader', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(300);
  cluster.propose('A', 'a');
  cluster.settle();
  cluster.cut('A-B', 'A-C');
  cluster.propose('A', 'lost1', 'lost2', 'lost3');
  cluster.run(700);
  cluster.propose('B', 'b');
  cluster.settle();
  cluster.story();
  cluster.heal();
  cluster.run(100);
  expect(cluster.story()).toMatchInlineSnapshot(`
    " 1050 B → A term 2: after 2@1 nothing new, commit 4
     1050 A follows B in term 2
     1050 A has on disk write #5: term 2, no vote
     1050 A → B term 2: I hold up to 2
     1050 B → A term 2: after 3@2 4@2 command, commit 4
     1050 A → B term 2: nothing fits at 3, try 3@1
     1050 B → A term 2: after 2@1 3@2 noop … 4@2 command, commit 4
     1050 A has on disk write #6: cut from 3; append 3@2 noop … 4@2 command
     1050 A applies 3@2 noop
     1050 A applies 4@2 b
     1050 A → B term 2: I hold up to 4
     1100 B → A term 2: after 4@2 nothing new, commit 4"
  `);
  expect(cluster.applied('A')).toEqual(cluster.applied('B'));
});

test('hints skip whole terms: a follower with a long tail of two foreign terms is repaired in two refusals (C19)', () => {
  const cluster = new Cluster('ABC');
  cluster.preload('A', 1, 1, 1, 1, 4, 4, 4, 4);
  cluster.preload('B', 1, 1, 1, 1, 4, 4, 4, 4);
  cluster.preload('C', 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3);
  cluster.start();
  cluster.hold(({ from, to }) => from === 'C' || to === 'C');
  cluster.run(300);
  cluster.intercept(({ type }) => type !== 'append');
  cluster.story();
  cluster.release();
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  300 A → C term 5: after 8@4 9@5 noop, commit 0
      300 C follows A in term 5
      300 C has on disk write #1: term 5, no vote
      300 C → A term 5: nothing fits at 8, try 8@3
      300 A → C term 5: after 4@1 nothing new, commit 9
      300 C → A term 5: nothing fits at 4, try 2@1
      300 A → C term 5: after 2@1 nothing new, commit 9
      300 C reads 1 to 2 from disk
      300 C applies 1@1 e1
      300 C applies 2@1 e2
      300 C → A term 5: I hold up to 2
      300 A reads 3 to 8 from disk
      300 A → C term 5: after 2@1 3@1 command … 8@4 command, commit 9
      300 A → C term 5: after 8@4 9@5 noop, commit 9
      300 C has on disk write #2: cut from 3; append 3@1 command … 8@4 command
      300 C has on disk write #3: append 9@5 noop
      300 C applies 3@1 e3
      300 C applies 4@1 e4
      300 C applies 5@4 e5
      300 C applies 6@4 e6
      300 C applies 7@4 e7
      300 C applies 8@4 e8
      300 C applies 9@5 noop
      300 C → A term 5: I hold up to 9"
  `);
  expect(cluster.disk('C').entries.map(({ term }) => term)).toEqual([1, 1, 1, 1, 4, 4, 4, 4, 5]);
});

test('a late append removes nothing that a newer one has brought (edge case C17)', () => {
  const cluster = new Cluster('AB').start();
  cluster.run(300);
  cluster.hold(({ type, to }) => type === 'append' && to === 'B');
  cluster.propose('A', 'x');
  const [early] = cluster.intercept(({ type }) => type === 'append');
  cluster.release();
  if (early === undefined) throw new Error('no append was sent');
  cluster.deliver(early);
  cluster.propose('A', 'y');
  cluster.settle();
  cluster.story();
  cluster.deliver(early);
  cluster.settle();
  expect(cluster.story()).toMatchInlineSnapshot(`"  300 A → B term 1: after 1@1 2@1 command, commit 1"`);
  expect(cluster.disk('B').entries).toHaveLength(3);
});

test('a follower commits no more than this leader has matched in it (edge case C18)', () => {
  const cluster = new Cluster('AB');
  cluster.preload('A', 1, 1);
  cluster.preload('B', 1);
  cluster.start();
  cluster.say('A hears of a commit at 2 with an append that only reaches 1; its own 2 may be another');
  cluster.deliver({ ...fromLeader(cluster), prev: { index: 1, term: 1 }, entries: [], commit: 2 });
  cluster.settle();
  expect(cluster.story()).toMatchInlineSnapshot(`
    "— A hears of a commit at 2 with an append that only reaches 1; its own 2 may be another
        0 B → A term 2: after 1@1 nothing new, commit 2
        0 A follows B in term 2
        0 A reads 1 to 1 from disk
        0 A applies 1@1 e1
        0 A has on disk write #1: term 2, no vote
        0 A → B term 2: I hold up to 1
        0 B follows nobody in term 2
        0 B has on disk write #1: term 2, no vote"
  `);
  expect(cluster.status('A').committed).toBe(1);
});

test('an acknowledgement covers what this leader sent, never the whole of a longer log', () => {
  const cluster = new Cluster('AB');
  cluster.preload('A', 1, 1);
  cluster.start();
  cluster.deliver({ ...fromLeader(cluster), prev: { index: 1, term: 1 }, entries: [], commit: 0 });
  cluster.settle();
  expect(cluster.story()).toMatchInlineSnapshot(`
    "    0 B → A term 2: after 1@1 nothing new, commit 0
        0 A follows B in term 2
        0 A has on disk write #1: term 2, no vote
        0 A → B term 2: I hold up to 1
        0 B follows nobody in term 2
        0 B has on disk write #1: term 2, no vote"
  `);
});

test('the first word of a leader is answered, even if it only tells a commit index', () => {
  const cluster = new Cluster('AB');
  cluster.preload('A', 1, 1);
  cluster.start();
  cluster.deliver({ ...fromLeader(cluster), sentAt: 7, prev: { index: 0, term: 0 }, entries: [], commit: 2 });
  cluster.hold(({ type }) => type === 'appendReply');
  cluster.settle();
  expect(cluster.intercept(() => true)).toMatchObject([{ result: { accepted: true, match: 0 }, sentAt: 7 }]);
});

function fromLeader(cluster: Cluster): Omit<Append, 'prev' | 'entries' | 'commit'> {
  const [to, from] = [cluster.status('A').id, cluster.status('B').id];
  return { type: 'append', from, to, term: 2, readSeq: 0, sentAt: 0 };
}
