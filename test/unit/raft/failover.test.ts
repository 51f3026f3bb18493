import { expect, test } from 'vitest';
import { Cluster } from './cluster.ts';

test('a closed link to the leader starts an election within a heartbeat, not after a timeout', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(350);
  cluster.story();
  cluster.crash('A');
  cluster.linkDown('B', 'A');
  cluster.linkDown('C', 'A');
  cluster.run(50);
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  350 A crashes
      366 B asks around before term 2
      366 B → A term 2: would you vote for me? my log ends at 1@1 (lost)
      366 B → C term 2: would you vote for me? my log ends at 1@1
      366 C → B term 2: I would
      366 B is a candidate of term 2
      366 B has on disk write #3: term 2, vote for B
      366 B → A term 2: vote for me; my log ends at 1@1 (lost)
      366 B → C term 2: vote for me; my log ends at 1@1
      366 C follows nobody in term 2
      366 C has on disk write #3: term 2, vote for B
      366 C → B term 2: you have my vote
      366 B leads term 2
      366 B has on disk write #4: append 2@2 noop
      366 B → A term 2: after 1@1 2@2 noop, commit 1 (lost)
      366 B → C term 2: after 1@1 2@2 noop, commit 1
      366 C follows B in term 2
      366 C has on disk write #4: append 2@2 noop
      366 C → B term 2: I hold up to 1
      366 C → B term 2: I hold up to 2
      366 B applies 2@2 noop
      366 B → C term 2: after 2@2 nothing new, commit 2
      366 C applies 2@2 noop"
  `);
});

test('one follower that lost its link deposes nobody: the others still hear the leader', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(350);
  cluster.story();
  cluster.cut('A-C');
  cluster.linkDown('C', 'A');
  cluster.run(50);
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  383 C asks around before term 2
      383 C → A term 2: would you vote for me? my log ends at 1@1 (lost)
      383 C → B term 2: would you vote for me? my log ends at 1@1
      383 B → C term 1: I would not
      400 A → C term 1: after 1@1 nothing new, commit 1 (lost)"
  `);
  expect(cluster.status('A')).toMatchObject({ role: 'leader', term: 1 });
});

test('a link that closes and opens again is forgotten as soon as the leader is heard', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(340);
  cluster.story();
  cluster.linkDown('C', 'A');
  cluster.linkUp('C', 'A');
  cluster.run(500);
  expect(cluster.story()).toBe('');
});

test('while its link is down, a leader that is still heard the other way is missed after two heartbeats', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(340);
  cluster.story();
  cluster.linkDown('C', 'A');
  cluster.run(300);
  expect(cluster.story()).toBe('');
  cluster.say('now it falls silent; the link of B has not told it yet, so B refuses');
  cluster.crash('A');
  cluster.run(100);
  expect(cluster.story()).toMatchInlineSnapshot(`
    "— now it falls silent; the link of B has not told it yet, so B refuses
      640 A crashes
      733 C asks around before term 2
      733 C → A term 2: would you vote for me? my log ends at 1@1 (lost)
      733 C → B term 2: would you vote for me? my log ends at 1@1
      733 B → C term 1: I would not"
  `);
});
