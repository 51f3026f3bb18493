import { expect, test } from 'vitest';
import { Cluster } from './cluster.ts';

test('a node that was cut off asks around in vain, keeps its term, and disturbs nobody when it returns', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(300);
  cluster.story();
  cluster.cut('A-C', 'B-C');
  cluster.run(1_000);
  cluster.say('C is back');
  cluster.heal();
  cluster.run(100);
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  350 A → C term 1: after 1@1 nothing new, commit 1 (lost)
      800 C asks around before term 2
      800 C → A term 2: would you vote for me? my log ends at 1@1 (lost)
      800 C → B term 2: would you vote for me? my log ends at 1@1 (lost)
    — C is back
     1350 A → C term 1: after 1@1 nothing new, commit 1
     1350 C follows A in term 1
     1350 C → A term 1: I hold up to 1"
  `);
});

test('a leader that is heard is not deposed: its followers refuse a pre-vote and do not see a higher term', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(300);
  cluster.story();
  cluster.say('only the link between A and C is cut, so C asks B, who hears A');
  cluster.cut('A-C');
  cluster.run(550);
  expect(cluster.story()).toMatchInlineSnapshot(`
    "— only the link between A and C is cut, so C asks B, who hears A
      350 A → C term 1: after 1@1 nothing new, commit 1 (lost)
      800 C asks around before term 2
      800 C → A term 2: would you vote for me? my log ends at 1@1 (lost)
      800 C → B term 2: would you vote for me? my log ends at 1@1
      800 B → C term 1: I would not"
  `);
  const vote = { type: 'vote', term: 9, reason: 'election', last: { index: 9, term: 8 } } as const;
  cluster.say(
    'even a real vote request of a higher term is not heard, by the follower or by the leader itself (B9)',
  );
  cluster.deliver({ ...vote, from: cluster.status('C').id, to: cluster.status('B').id });
  cluster.deliver({ ...vote, from: cluster.status('C').id, to: cluster.status('A').id });
  cluster.settle();
  expect(cluster.story()).toMatchInlineSnapshot(`
    "— even a real vote request of a higher term is not heard, by the follower or by the leader itself (B9)
      850 C → B term 9: vote for me; my log ends at 9@8
      850 C → A term 9: vote for me; my log ends at 9@8"
  `);
  expect(cluster.status('B').term).toBe(1);
});

test('a leader that asks for votes has restarted, so nobody waits for it (edge case B9)', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(310);
  cluster.story();
  const [a, b, c] = [cluster.status('A').id, cluster.status('B').id, cluster.status('C').id];
  cluster.deliver({ type: 'preVote', from: c, to: b, term: 2, last: { index: 1, term: 1 } });
  cluster.deliver({ type: 'preVote', from: a, to: b, term: 2, last: { index: 1, term: 1 } });
  cluster.settle();
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  310 C → B term 2: would you vote for me? my log ends at 1@1
      310 A → B term 2: would you vote for me? my log ends at 1@1
      310 B → C term 1: I would not
      310 B → A term 2: I would"
  `);
});

test('a node stuck at a higher term frees itself by refusing the leader of the lower one (edge case B10)', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(300);
  cluster.cut('A-C', 'B-C');
  cluster.deliver({
    type: 'vote',
    from: cluster.status('B').id,
    to: cluster.status('C').id,
    term: 5,
    last: { index: 0, term: 0 },
    reason: 'transfer',
  });
  cluster.settle();
  cluster.story();
  cluster.say('C was taken to term 5 and is back');
  cluster.heal();
  cluster.run(400);
  expect(cluster.story()).toMatchInlineSnapshot(`
    "— C was taken to term 5 and is back
      350 C → A term 5: nothing fits at 0, try 0@0
      350 A follows nobody in term 5
      350 A has on disk write #3: term 5, no vote
      650 A asks around before term 6
      650 A → B term 6: would you vote for me? my log ends at 1@1
      650 A → C term 6: would you vote for me? my log ends at 1@1
      650 B → A term 6: I would
      650 A is a candidate of term 6
      650 C → A term 6: I would
      650 A has on disk write #4: term 6, vote for A
      650 A → B term 6: vote for me; my log ends at 1@1
      650 B follows nobody in term 6
      650 A → C term 6: vote for me; my log ends at 1@1
      650 C follows nobody in term 6
      650 B has on disk write #3: term 6, vote for A
      650 C has on disk write #4: term 6, vote for A
      650 B → A term 6: you have my vote
      650 A leads term 6
      650 C → A term 6: you have my vote
      650 A has on disk write #5: append 2@6 noop
      650 A → B term 6: after 1@1 2@6 noop, commit 1
      650 B follows A in term 6
      650 A → C term 6: after 1@1 2@6 noop, commit 1
      650 C follows A in term 6
      650 B has on disk write #4: append 2@6 noop
      650 C has on disk write #5: append 2@6 noop
      650 B → A term 6: I hold up to 1
      650 C → A term 6: I hold up to 1
      650 B → A term 6: I hold up to 2
      650 A applies 2@6 noop
      650 C → A term 6: I hold up to 2
      650 A → B term 6: after 2@6 nothing new, commit 2
      650 B applies 2@6 noop
      650 A → C term 6: after 2@6 nothing new, commit 2
      650 C applies 2@6 noop"
  `);
});
