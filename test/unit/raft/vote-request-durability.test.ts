import { expect, test } from 'vitest';
import { nodeId } from '../../property/raft/ids.ts';
import { Cluster } from './cluster.ts';

/**
 * Edge case A4: a well-known library loses data here. If B asked for votes before its own term and vote were on disk,
 * it would lead term 2 twice, once before the crash and once after, with two different entries at 3@2: C would keep x
 * and everybody else y, under the same index and term, so that nothing would ever notice.
 *
 * Mostly a pre-vote is in the way already, as whoever voted refuses one for the same term; a transfer has none.
 */
test('a candidate asks for no vote before its own is durable, so it never leads one term twice (edge case A4)', () => {
  const cluster = new Cluster('ABCDE').start();
  cluster.run(310);
  cluster.story();
  cluster.say('A hands over to B, whose disk stalls; nobody else hears A, and A hears nobody');
  cluster.stallDisk('B');
  cluster.cut('A-C', 'A-D', 'A-E', 'B>A');
  cluster.hold(({ type, to }) => type === 'append' && (to === 'D' || to === 'E'));
  cluster.input('A', { type: 'transfer', ref: 1, to: nodeId('B') });
  cluster.settle();
  cluster.propose('B', 'x');
  cluster.settle();
  cluster.crash('B');
  cluster.intercept(() => true);
  cluster.say('B has forgotten term 2; A asks it again, and C is out of reach now');
  cluster.restart('B');
  cluster.resumeDisk('B');
  cluster.cut('B-C');
  cluster.release();
  cluster.run(100);
  cluster.propose('B', 'y');
  cluster.settle();
  cluster.say('all links work');
  cluster.heal();
  cluster.run(150);
  expect(cluster.applied('B')).toEqual(['1@1 noop', '2@2 noop', '3@2 y']);
  for (const name of 'ACDE') expect(cluster.applied(name)).toEqual(cluster.applied('B'));
  expect(cluster.story()).toMatchInlineSnapshot(`
    "— A hands over to B, whose disk stalls; nobody else hears A, and A hears nobody
      310 A → B term 1: lead in my place, from 1@1
      310 B is a candidate of term 2
      310 B proposal 310 refused: not-leader
      310 B crashes, and its open writes are lost
    — B has forgotten term 2; A asks it again, and C is out of reach now
      310 B starts again
      350 A → B term 1: after 1@1 nothing new, commit 1
      350 B follows A in term 1
      350 B reads 1 to 1 from disk
      350 B applies 1@1 noop
      350 A → C term 1: after 1@1 nothing new, commit 1 (lost)
      350 A → D term 1: after 1@1 nothing new, commit 1 (lost)
      350 A → E term 1: after 1@1 nothing new, commit 1 (lost)
      350 B → A term 1: I hold up to 1 (lost)
      400 A → B term 1: lead in my place, from 1@1
      400 B is a candidate of term 2
      400 B has on disk write #1: term 2, vote for B
      400 B → A term 2: vote for me, as the leader wishes; my log ends at 1@1 (lost)
      400 B → C term 2: vote for me, as the leader wishes; my log ends at 1@1 (lost)
      400 B → D term 2: vote for me, as the leader wishes; my log ends at 1@1
      400 D follows nobody in term 2
      400 B → E term 2: vote for me, as the leader wishes; my log ends at 1@1
      400 E follows nobody in term 2
      400 D has on disk write #3: term 2, vote for B
      400 E has on disk write #3: term 2, vote for B
      400 D → B term 2: you have my vote
      400 E → B term 2: you have my vote
      400 B leads term 2
      400 B has on disk write #2: append 2@2 noop
      400 B → A term 2: after 1@1 2@2 noop, commit 1 (lost)
      400 B → C term 2: after 1@1 2@2 noop, commit 1 (lost)
      400 B → D term 2: after 1@1 2@2 noop, commit 1
      400 D follows B in term 2
      400 B → E term 2: after 1@1 2@2 noop, commit 1
      400 E follows B in term 2
      400 D has on disk write #4: append 2@2 noop
      400 E has on disk write #4: append 2@2 noop
      400 D → B term 2: I hold up to 1
      400 E → B term 2: I hold up to 1
      400 D → B term 2: I hold up to 2
      400 E → B term 2: I hold up to 2
      400 B applies 2@2 noop
      400 B → D term 2: after 2@2 nothing new, commit 2
      400 D applies 2@2 noop
      400 B → E term 2: after 2@2 nothing new, commit 2
      400 E applies 2@2 noop
      410 B proposal 410 stands at 3@2
      410 B has on disk write #3: append 3@2 command
      410 B → D term 2: after 2@2 3@2 command, commit 2
      410 B → E term 2: after 2@2 3@2 command, commit 2
      410 D has on disk write #5: append 3@2 command
      410 E has on disk write #5: append 3@2 command
      410 D → B term 2: I hold up to 3
      410 E → B term 2: I hold up to 3
      410 B applies 3@2 y
      410 B → D term 2: after 3@2 nothing new, commit 3
      410 D applies 3@2 y
      410 B → E term 2: after 3@2 nothing new, commit 3
      410 E applies 3@2 y
    — all links work
      450 A → B term 1: after 1@1 nothing new, commit 1
      450 A → C term 1: after 1@1 nothing new, commit 1
      450 A → D term 1: after 1@1 nothing new, commit 1
      450 A → E term 1: after 1@1 nothing new, commit 1
      450 A → B term 1: lead in my place, from 1@1
      450 B → A term 2: nothing fits at 0, try 0@0
      450 A follows nobody in term 2
      450 B → A term 2: after 1@1 nothing new, commit 3
      450 A follows B in term 2
      450 A transfer 1 succeeded
      450 B → C term 2: after 1@1 nothing new, commit 3
      450 C follows B in term 2
      450 D → A term 2: nothing fits at 0, try 0@0
      450 E → A term 2: nothing fits at 0, try 0@0
      450 A has on disk write #3: term 2, no vote
      450 C has on disk write #3: term 2, no vote
      450 A → B term 2: I hold up to 1
      450 C → B term 2: I hold up to 1
      450 B → A term 2: after 2@2 3@2 command, commit 3
      450 B → C term 2: after 2@2 3@2 command, commit 3
      450 A → B term 2: nothing fits at 2, try 1@1
      450 C → B term 2: nothing fits at 2, try 1@1
      450 B → A term 2: after 1@1 2@2 noop … 3@2 command, commit 3
      450 B → C term 2: after 1@1 2@2 noop … 3@2 command, commit 3
      450 A has on disk write #4: append 2@2 noop … 3@2 command
      450 A applies 2@2 noop
      450 A applies 3@2 y
      450 C has on disk write #4: append 2@2 noop … 3@2 command
      450 C applies 2@2 noop
      450 C applies 3@2 y
      450 A → B term 2: I hold up to 3
      450 C → B term 2: I hold up to 3
      500 B → A term 2: after 3@2 nothing new, commit 3
      500 B → C term 2: after 3@2 nothing new, commit 3"
  `);
});
