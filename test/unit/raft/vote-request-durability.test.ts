import { expect, test } from 'vitest';
import { Cluster } from './cluster.ts';

/**
 * Edge case A4: a well-known library loses data here. If A asked for votes before its own term and vote were on disk,
 * it could lead term 1 twice, once before the crash and once after, with two different entries at 2@1: B would keep
 * x, A and C would apply y.
 */
test('a candidate asks for no vote before its own is durable, so it never leads one term twice (edge case A4)', () => {
  const cluster = new Cluster('ABC', { electionTimeoutMaxMs: 1_200 }).start();
  cluster.hold(({ type, to }) => type === 'append' && to === 'C');
  cluster.say('the disk of A stalls; A wins the pre-vote and becomes a candidate');
  cluster.stallDisk('A');
  cluster.run(305);
  cluster.propose('A', 'x');
  cluster.settle();
  cluster.crash('A');
  cluster.intercept(({ type }) => type === 'append');
  cluster.say('A has forgotten term 1, and asks C for it again, while B is out of reach');
  cluster.restart('A');
  cluster.resumeDisk('A');
  cluster.cut('A-B', 'B-C');
  cluster.release();
  cluster.run(305);
  cluster.propose('A', 'y');
  cluster.settle();
  cluster.say('B comes back');
  cluster.heal();
  cluster.run(150);
  expect(cluster.story()).toMatchInlineSnapshot(`
    "— the disk of A stalls; A wins the pre-vote and becomes a candidate
      300 A asks around before term 1
      300 A → B term 1: would you vote for me? my log ends at 0@0
      300 A → C term 1: would you vote for me? my log ends at 0@0
      300 B → A term 1: I would
      300 A is a candidate of term 1
      300 C → A term 1: I would
      305 A proposal 305 refused: not-leader
      305 A crashes, and its open writes are lost
    — A has forgotten term 1, and asks C for it again, while B is out of reach
      305 A starts again
      600 B asks around before term 1
      600 B → A term 1: would you vote for me? my log ends at 0@0 (lost)
      600 B → C term 1: would you vote for me? my log ends at 0@0 (lost)
      605 A asks around before term 1
      605 A → B term 1: would you vote for me? my log ends at 0@0 (lost)
      605 A is a candidate of term 1
      605 A has on disk write #1: term 1, vote for A
      605 A → B term 1: vote for me; my log ends at 0@0 (lost)
      605 A → C term 1: vote for me; my log ends at 0@0
      605 C follows nobody in term 1
      605 C has on disk write #1: term 1, vote for A
      605 C → A term 1: you have my vote
      605 A leads term 1
      605 A has on disk write #2: append 1@1 noop
      605 A → B term 1: after 0@0 1@1 noop, commit 0 (lost)
      605 A → C term 1: after 0@0 1@1 noop, commit 0
      605 C follows A in term 1
      605 C has on disk write #2: append 1@1 noop
      605 C → A term 1: I hold up to 1
      605 A applies 1@1 noop
      605 A → C term 1: after 1@1 nothing new, commit 1
      605 C applies 1@1 noop
      610 A proposal 610 stands at 2@1
      610 A has on disk write #3: append 2@1 command
      610 A → C term 1: after 1@1 2@1 command, commit 1
      610 C has on disk write #3: append 2@1 command
      610 C → A term 1: I hold up to 2
      610 A applies 2@1 y
      610 A → C term 1: after 2@1 nothing new, commit 2
      610 C applies 2@1 y
    — B comes back
      655 A → B term 1: after 0@0 nothing new, commit 2
      655 B follows A in term 1
      655 B has on disk write #1: term 1, no vote
      655 B → A term 1: I hold up to 0
      655 A → B term 1: after 1@1 2@1 command, commit 2
      655 B → A term 1: nothing fits at 1, try 0@0
      655 A → B term 1: after 0@0 1@1 noop … 2@1 command, commit 2
      655 B has on disk write #2: append 1@1 noop … 2@1 command
      655 B applies 1@1 noop
      655 B applies 2@1 y
      655 B → A term 1: I hold up to 2
      705 A → B term 1: after 2@1 nothing new, commit 2"
  `);
  expect(cluster.applied('A')).toEqual(['1@1 noop', '2@1 y']);
  expect(cluster.applied('B')).toEqual(['1@1 noop', '2@1 y']);
  expect(cluster.applied('C')).toEqual(['1@1 noop', '2@1 y']);
});
