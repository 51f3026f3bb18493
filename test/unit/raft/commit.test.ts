import { expect, test } from 'vitest';
import { Cluster } from './cluster.ts';

/**
 * Raft Figure 8. Entries that a majority holds from an earlier term are not committed by counting; they commit with
 * the no-op of the leader's own term, or not at all.
 */
test('entries of an earlier term commit only with the no-op of the leader (Raft §5.4.2)', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(300);
  cluster.say('x reaches B, but A crashes before it hears of that');
  cluster.hold(({ type }) => type === 'appendReply');
  cluster.cut('A-C');
  cluster.propose('A', 'x');
  cluster.settle();
  cluster.crash('A');
  cluster.release();
  cluster.story();
  cluster.heal();
  cluster.say('B leads; C gets x, but the no-op that follows is held back');
  cluster.hold(({ type }) => type === 'append');
  cluster.run(400);
  for (const message of cluster.intercept(({ type, to }) => type === 'append' && to === 'C')) {
    if (message.type !== 'append') continue;
    cluster.deliver({
      ...message,
      prev: { index: 1, term: 1 },
      entries: cluster.disk('B').entries.slice(1, 2),
    });
  }
  cluster.settle();
  expect(cluster.story()).toMatchInlineSnapshot(`
    "— B leads; C gets x, but the no-op that follows is held back
      700 B asks around before term 2
      700 B → A term 2: would you vote for me? my log ends at 2@1 (lost)
      700 B → C term 2: would you vote for me? my log ends at 2@1
      700 C → B term 2: I would
      700 B is a candidate of term 2
      700 B has on disk write #4: term 2, vote for B
      700 B → A term 2: vote for me; my log ends at 2@1 (lost)
      700 B → C term 2: vote for me; my log ends at 2@1
      700 C follows nobody in term 2
      700 C has on disk write #3: term 2, vote for B
      700 C → B term 2: you have my vote
      700 B leads term 2
      700 B has on disk write #5: append 3@2 noop
      700 B → C term 2: after 1@1 2@1 command, commit 1
      700 C follows B in term 2
      700 C has on disk write #4: append 2@1 command
      700 C → B term 2: I hold up to 1
      700 C → B term 2: I hold up to 2"
  `);
  expect(cluster.status('B')).toMatchObject({ role: 'leader', committed: 1 });
  cluster.say('the no-op arrives, and x is committed with it');
  cluster.release();
  cluster.run(50);
  expect(cluster.story()).toMatchInlineSnapshot(`
    "— the no-op arrives, and x is committed with it
      700 B → A term 2: after 2@1 3@2 noop, commit 1 (lost)
      750 B → A term 2: after 2@1 nothing new, commit 1 (lost)
      750 B → C term 2: after 3@2 nothing new, commit 1
      750 C → B term 2: nothing fits at 3, try 2@1
      750 B → C term 2: after 2@1 3@2 noop, commit 1
      750 C has on disk write #5: append 3@2 noop
      750 C → B term 2: I hold up to 3
      750 B applies 2@1 x
      750 B applies 3@2 noop
      750 B → C term 2: after 3@2 nothing new, commit 3
      750 C applies 2@1 x
      750 C applies 3@2 noop"
  `);
  expect(cluster.status('B').committed).toBe(3);
});

test('a leader may commit without its own disk, but applies only what its own disk has', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(300);
  cluster.story();
  cluster.stallDisk('A');
  cluster.propose('A', 'x');
  cluster.settle();
  expect(cluster.status('A').committed).toBe(2);
  expect(cluster.applied('A')).toEqual(['1@1 noop']);
  cluster.resumeDisk('A');
  expect(cluster.applied('A')).toEqual(['1@1 noop', '2@1 x']);
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  300 A proposal 300 stands at 2@1
      300 A → B term 1: after 1@1 2@1 command, commit 1
      300 A → C term 1: after 1@1 2@1 command, commit 1
      300 B has on disk write #3: append 2@1 command
      300 C has on disk write #3: append 2@1 command
      300 B → A term 1: I hold up to 2
      300 C → A term 1: I hold up to 2
      300 A → B term 1: after 2@1 nothing new, commit 2
      300 B applies 2@1 x
      300 A → C term 1: after 2@1 nothing new, commit 2
      300 C applies 2@1 x
      300 A has on disk write #3: append 2@1 command
      300 A applies 2@1 x"
  `);
});

test('a single voter commits once its own disk has the entry, not before (edge case C23)', () => {
  const cluster = new Cluster('A').start();
  cluster.run(300);
  cluster.stallDisk('A');
  cluster.propose('A', 'x');
  cluster.input('A', { type: 'read', ref: 9 });
  expect(cluster.status('A').committed).toBe(1);
  cluster.say('the disk catches up');
  cluster.resumeDisk('A');
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  300 A is a candidate of term 1
      300 A has on disk write #1: term 1, vote for A
      300 A leads term 1
      300 A has on disk write #2: append 1@1 noop
      300 A applies 1@1 noop
      300 A proposal 300 stands at 2@1
      300 A read 9 may be answered at 1
    — the disk catches up
      300 A has on disk write #3: append 2@1 command
      300 A applies 2@1 x"
  `);
});

test('proposals are refused above the limit of uncommitted bytes, and one is always admitted (edge case C21)', () => {
  const cluster = new Cluster('ABC', { uncommittedBytesMax: 3 }).start();
  cluster.run(300);
  cluster.story();
  cluster.cut('A-B', 'A-C');
  cluster.propose('A', 'large');
  cluster.propose('A', 'x');
  cluster.settle();
  cluster.heal();
  cluster.run(60);
  cluster.propose('A', 'x', 'y');
  cluster.propose('A', 'zz');
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  300 A proposal 300 stands at 2@1
      300 A proposal 300 refused: overloaded, ask A
      300 A has on disk write #3: append 2@1 command
      300 A → B term 1: after 1@1 2@1 command, commit 1 (lost)
      300 A → C term 1: after 1@1 2@1 command, commit 1 (lost)
      350 A → B term 1: after 2@1 nothing new, commit 1
      350 A → C term 1: after 2@1 nothing new, commit 1
      350 B → A term 1: nothing fits at 2, try 1@1
      350 C → A term 1: nothing fits at 2, try 1@1
      350 A → B term 1: after 1@1 2@1 command, commit 1
      350 A → C term 1: after 1@1 2@1 command, commit 1
      350 B has on disk write #3: append 2@1 command
      350 C has on disk write #3: append 2@1 command
      350 B → A term 1: I hold up to 2
      350 A applies 2@1 large
      350 C → A term 1: I hold up to 2
      350 A → B term 1: after 2@1 nothing new, commit 2
      350 B applies 2@1 large
      350 A → C term 1: after 2@1 nothing new, commit 2
      350 C applies 2@1 large
      360 A proposal 360 stands at 3@1
      360 A proposal 360 refused: overloaded, ask A"
  `);
});
