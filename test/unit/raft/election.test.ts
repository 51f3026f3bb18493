import { expect, test } from 'vitest';
import { nodeId } from '../../property/raft/ids.ts';
import { Cluster } from './cluster.ts';

test('a first election asks around, makes its promises durable, and ends with a committed no-op', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(300);
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  300 A asks around before term 1
      300 A → B term 1: would you vote for me? my log ends at 0@0
      300 A → C term 1: would you vote for me? my log ends at 0@0
      300 B → A term 1: I would
      300 A is a candidate of term 1
      300 C → A term 1: I would
      300 A has on disk write #1: term 1, vote for A
      300 A → B term 1: vote for me; my log ends at 0@0
      300 B follows nobody in term 1
      300 A → C term 1: vote for me; my log ends at 0@0
      300 C follows nobody in term 1
      300 B has on disk write #1: term 1, vote for A
      300 C has on disk write #1: term 1, vote for A
      300 B → A term 1: you have my vote
      300 A leads term 1
      300 C → A term 1: you have my vote
      300 A has on disk write #2: append 1@1 noop
      300 A → B term 1: after 0@0 1@1 noop, commit 0
      300 B follows A in term 1
      300 A → C term 1: after 0@0 1@1 noop, commit 0
      300 C follows A in term 1
      300 B has on disk write #2: append 1@1 noop
      300 C has on disk write #2: append 1@1 noop
      300 B → A term 1: I hold up to 1
      300 A applies 1@1 noop
      300 C → A term 1: I hold up to 1
      300 A → B term 1: after 1@1 nothing new, commit 1
      300 B applies 1@1 noop
      300 A → C term 1: after 1@1 nothing new, commit 1
      300 C applies 1@1 noop"
  `);
});

test('heartbeats bring nothing new, and everybody stays where it is', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(350);
  cluster.story();
  cluster.run(10_000);
  expect(cluster.story()).toBe('');
  expect(cluster.status('A')).toMatchObject({ role: 'leader', term: 1 });
});

test('a vote leaves only once it is durable (edge case A3)', () => {
  const cluster = new Cluster('ABC').start();
  cluster.stallDisk('B', 'C');
  cluster.run(310);
  cluster.say('the votes of B and C are not on disk, so A has not heard of them');
  cluster.resumeDisk('B');
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  300 A asks around before term 1
      300 A → B term 1: would you vote for me? my log ends at 0@0
      300 A → C term 1: would you vote for me? my log ends at 0@0
      300 B → A term 1: I would
      300 A is a candidate of term 1
      300 C → A term 1: I would
      300 A has on disk write #1: term 1, vote for A
      300 A → B term 1: vote for me; my log ends at 0@0
      300 B follows nobody in term 1
      300 A → C term 1: vote for me; my log ends at 0@0
      300 C follows nobody in term 1
    — the votes of B and C are not on disk, so A has not heard of them
      310 B has on disk write #1: term 1, vote for A
      310 B → A term 1: you have my vote
      310 A leads term 1
      310 A has on disk write #2: append 1@1 noop
      310 A → B term 1: after 0@0 1@1 noop, commit 0
      310 B follows A in term 1
      310 A → C term 1: after 0@0 1@1 noop, commit 0
      310 C follows A in term 1
      310 B has on disk write #2: append 1@1 noop
      310 B → A term 1: I hold up to 1
      310 A applies 1@1 noop
      310 A → B term 1: after 1@1 nothing new, commit 1
      310 B applies 1@1 noop"
  `);
});

test('a vote is given once per term, and again only to the same candidate with a log still complete', () => {
  const cluster = new Cluster('ABC').start();
  cluster.hold(({ type }) => type === 'voteReply');
  cluster.run(300);
  cluster.story();
  const vote = { type: 'vote', term: 1, reason: 'election', last: { index: 0, term: 0 } } as const;
  const [a, b, c] = [cluster.status('A').id, cluster.status('B').id, cluster.status('C').id];
  cluster.deliver({ ...vote, from: c, to: b });
  cluster.deliver({ ...vote, from: a, to: b });
  cluster.release();
  cluster.say('B has stored entries of A by now; a late copy of the request of A is refused (edge case A3)');
  cluster.deliver({ ...vote, from: a, to: b });
  cluster.settle();
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  300 C → B term 1: vote for me; my log ends at 0@0
      300 B → A term 1: you have my vote
      300 A leads term 1
      300 C → A term 1: you have my vote
      300 B → C term 1: no
      300 A has on disk write #2: append 1@1 noop
      300 A → B term 1: after 0@0 1@1 noop, commit 0
      300 B follows A in term 1
      300 A → C term 1: after 0@0 1@1 noop, commit 0
      300 C follows A in term 1
      300 B has on disk write #2: append 1@1 noop
      300 C has on disk write #2: append 1@1 noop
      300 B → A term 1: I hold up to 1
      300 A applies 1@1 noop
      300 C → A term 1: I hold up to 1
      300 A → B term 1: after 1@1 nothing new, commit 1
      300 B applies 1@1 noop
      300 A → C term 1: after 1@1 nothing new, commit 1
      300 C applies 1@1 noop
    — B has stored entries of A by now; a late copy of the request of A is refused (edge case A3)
      300 A → B term 1: vote for me; my log ends at 0@0
      300 B → A term 1: no"
  `);
});

test('a vote given in a term that is on disk already is written, and told, all the same', () => {
  const cluster = new Cluster('ABC').start();
  const [a, b] = [cluster.status('A').id, cluster.status('B').id];
  cluster.deliver({ type: 'voteReply', from: a, to: b, term: 1, granted: false });
  cluster.settle();
  cluster.deliver({
    type: 'vote',
    from: a,
    to: b,
    term: 1,
    last: { index: 0, term: 0 },
    reason: 'election',
  });
  cluster.settle();
  expect(cluster.story()).toMatchInlineSnapshot(`
    "    0 A → B term 1: no
        0 B follows nobody in term 1
        0 B has on disk write #1: term 1, no vote
        0 A → B term 1: vote for me; my log ends at 0@0
        0 B has on disk write #2: term 1, vote for A
        0 B → A term 1: you have my vote
        0 A follows nobody in term 1
        0 A has on disk write #1: term 1, no vote"
  `);
});

test('a candidate counts its own vote once it is on disk, not when an older write is (edge case A6)', () => {
  const cluster = new Cluster('A').start();
  cluster.stallDisk('A');
  cluster.deliver({ type: 'voteReply', from: nodeId('B'), to: nodeId('A'), term: 1, granted: false });
  cluster.run(300);
  cluster.persistOne('A');
  cluster.say('the term before is on disk, the own vote is not');
  cluster.settle();
  cluster.persistOne('A');
  expect(cluster.told(/—|disk|leads|candidate/u)).toMatchInlineSnapshot(`
    "  300 A is a candidate of term 2
      300 A has on disk write #1: term 1, no vote
    — the term before is on disk, the own vote is not
      300 A has on disk write #2: term 2, vote for A
      300 A leads term 2"
  `);
});

test('a refused request leaves the election timer alone, however often it comes (edge case B12)', () => {
  const cluster = new Cluster('ABC');
  cluster.preload('A', 1);
  cluster.start();
  const campaignAt = cluster.wakeAt('A');
  for (const term of [2, 3, 4]) {
    cluster.run(90);
    cluster.deliver({
      type: 'vote',
      from: nodeId('C'),
      to: nodeId('A'),
      term,
      last: { index: 0, term: 0 },
      reason: 'election',
    });
    expect(cluster.wakeAt('A')).toBe(campaignAt);
  }
});

test('two candidates split the votes, nobody wins, and the next round settles it', () => {
  const cluster = new Cluster('AB', { random: () => 0 }).start();
  cluster.hold(({ type }) => type === 'preVoteReply');
  cluster.run(300);
  cluster.release();
  cluster.run(300);
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  300 A asks around before term 1
      300 A → B term 1: would you vote for me? my log ends at 0@0
      300 B asks around before term 1
      300 B → A term 1: would you vote for me? my log ends at 0@0
      300 B → A term 1: I would
      300 A is a candidate of term 1
      300 A → B term 1: I would
      300 B is a candidate of term 1
      300 A has on disk write #1: term 1, vote for A
      300 B has on disk write #1: term 1, vote for B
      300 A → B term 1: vote for me; my log ends at 0@0
      300 B → A term 1: vote for me; my log ends at 0@0
      300 B → A term 1: no
      300 A follows nobody in term 1
      300 A → B term 1: no
      300 B follows nobody in term 1
      600 A asks around before term 2
      600 A → B term 2: would you vote for me? my log ends at 0@0
      600 B → A term 2: I would
      600 A is a candidate of term 2
      600 A has on disk write #2: term 2, vote for A
      600 A → B term 2: vote for me; my log ends at 0@0
      600 B follows nobody in term 2
      600 B has on disk write #2: term 2, vote for A
      600 B → A term 2: you have my vote
      600 A leads term 2
      600 A has on disk write #3: append 1@2 noop
      600 A → B term 2: after 0@0 1@2 noop, commit 0
      600 B follows A in term 2
      600 B has on disk write #3: append 1@2 noop
      600 B → A term 2: I hold up to 1
      600 A applies 1@2 noop
      600 A → B term 2: after 1@2 nothing new, commit 1
      600 B applies 1@2 noop"
  `);
});

test('a candidate with a shorter log is refused, and the one with the longer log wins', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(300);
  cluster.cut('A-C', 'B-C');
  cluster.propose('A', 'x');
  cluster.settle();
  cluster.crash('A');
  cluster.heal();
  cluster.cut('B>C');
  cluster.story();
  cluster.say('B cannot ask C, but it can answer; C asks first');
  cluster.run(600);
  cluster.heal();
  cluster.run(400);
  expect(cluster.story()).toMatchInlineSnapshot(`
    "— B cannot ask C, but it can answer; C asks first
      700 B asks around before term 2
      700 B → A term 2: would you vote for me? my log ends at 2@1 (lost)
      700 B → C term 2: would you vote for me? my log ends at 2@1 (lost)
      800 C asks around before term 2
      800 C → A term 2: would you vote for me? my log ends at 1@1 (lost)
      800 C → B term 2: would you vote for me? my log ends at 1@1
      800 B → C term 1: I would not: my log ends at 2@1 (lost)
     1100 B → C term 2: would you vote for me? my log ends at 2@1
     1100 C → B term 2: I would
     1100 B is a candidate of term 2
     1100 B has on disk write #4: term 2, vote for B
     1100 B → A term 2: vote for me; my log ends at 2@1 (lost)
     1100 B → C term 2: vote for me; my log ends at 2@1
     1100 C follows nobody in term 2
     1100 C has on disk write #3: term 2, vote for B
     1100 C → B term 2: you have my vote
     1100 B leads term 2
     1100 B has on disk write #5: append 3@2 noop
     1100 B → A term 2: after 2@1 3@2 noop, commit 2 (lost)
     1100 B → C term 2: after 2@1 3@2 noop, commit 2
     1100 C follows B in term 2
     1100 C → B term 2: nothing fits at 2, try 1@1
     1100 B → C term 2: after 1@1 2@1 command … 3@2 noop, commit 2
     1100 C has on disk write #4: append 2@1 command … 3@2 noop
     1100 C applies 2@1 x
     1100 C → B term 2: I hold up to 1
     1100 C → B term 2: I hold up to 3
     1100 B applies 3@2 noop
     1100 B → C term 2: after 3@2 nothing new, commit 3
     1100 C applies 3@2 noop
     1150 B → A term 2: after 2@1 nothing new, commit 3 (lost)"
  `);
});
