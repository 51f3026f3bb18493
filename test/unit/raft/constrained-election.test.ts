import { expect, test } from 'vitest';
import { bytes, Cluster } from './cluster.ts';

/** Everybody but A sees A alone. */
const AMONG_OTHERS = ['B-C', 'B-D', 'B-E', 'C-D', 'C-E', 'D-E'];
const OTHERS = ['B', 'C', 'D', 'E'];

test('whoever alone reaches a quorum but has an older log takes over what it lacks, then wins (edge case I61)', () => {
  const cluster = new Cluster('ABCDE');
  cluster.preload('A', 1, 1);
  cluster.preload('B', 1, 1, 1);
  for (const name of ['C', 'D', 'E']) cluster.preload(name, 1, 1, 1, 2);
  cluster.start();
  cluster.cut(...AMONG_OTHERS);
  cluster.run(599);
  expect(cluster.status('A')).toMatchObject({ term: 2, last: { index: 2, term: 1 } });
  cluster.story();
  cluster.say('A has heard of term 2; it asks again, and of those who refuse C is the furthest');
  cluster.run(1);
  expect(cluster.told(/—| A (asks|has|is|leads)|A → C|[BCDE] → A/u)).toMatchInlineSnapshot(`
    "— A has heard of term 2; it asks again, and of those who refuse C is the furthest
      600 A asks around before term 3
      600 A → C term 3: would you vote for me? my log ends at 2@1
      600 B → A term 2: I would not: my log ends at 3@1
      600 C → A term 2: I would not: my log ends at 4@2
      600 D → A term 2: I would not: my log ends at 4@2
      600 E → A term 2: I would not: my log ends at 4@2
      600 A → C term 2: what follows 2@1 in your log?
      600 C → A term 2: after 2@1 3@1 command … 4@2 command, no leader's word
      600 A has on disk write #2: append 3@1 command … 4@2 command
      600 A → C term 3: would you vote for me? my log ends at 4@2
      600 B → A term 3: I would
      600 C → A term 3: I would
      600 A is a candidate of term 3
      600 D → A term 3: I would
      600 E → A term 3: I would
      600 A has on disk write #3: term 3, vote for A
      600 A → C term 3: vote for me; my log ends at 4@2
      600 B → A term 3: you have my vote
      600 C → A term 3: you have my vote
      600 A leads term 3
      600 D → A term 3: you have my vote
      600 E → A term 3: you have my vote
      600 A has on disk write #4: append 5@3 noop
      600 A → C term 3: after 4@2 5@3 noop, commit 0
      600 B → A term 3: nothing fits at 4, try 3@1
      600 C → A term 3: I hold up to 4
      600 D → A term 3: I hold up to 4
      600 E → A term 3: I hold up to 4
      600 C → A term 3: I hold up to 5
      600 D → A term 3: I hold up to 5
      600 E → A term 3: I hold up to 5
      600 A → C term 3: after 5@3 nothing new, commit 5
      600 B → A term 3: I hold up to 3
      600 B → A term 3: I hold up to 5"
  `);
});

test('a conflicting end gives way at once, whole, and in a term of its own', () => {
  const cluster = new Cluster('ABCDE', { appendBytesMax: 1 });
  cluster.preload('A', 1, 1, 2, 2);
  for (const name of OTHERS) cluster.preload(name, 1, 1, 1, 1, 3);
  cluster.start();
  cluster.cut(...AMONG_OTHERS);
  cluster.run(599);
  cluster.story();
  cluster.run(1);
  expect(cluster.told(/in your log|no leader's word|A has on disk/u)).toMatchInlineSnapshot(`
    "  600 A → B term 3: what follows 4@2 in your log?
      600 B → A term 3: after 4@1 5@3 command, no leader's word
      600 A → B term 3: what follows 2@1 in your log?
      600 B → A term 3: after 2@1 3@1 command, no leader's word
      600 A → B term 3: what follows 3@1 in your log?
      600 B → A term 3: after 3@1 4@1 command, no leader's word
      600 A → B term 3: what follows 4@1 in your log?
      600 B → A term 3: after 4@1 5@3 command, no leader's word
      600 A has on disk write #2: term 4, no vote; cut from 3; append 3@1 command … 5@3 command
      600 A has on disk write #3: term 5, vote for A
      600 A has on disk write #4: append 6@5 noop"
  `);
  expect(cluster.status('A')).toMatchObject({ role: 'leader', term: 5, committed: 6 });
});

test('what was taken over is acknowledged to a leader of the term only as far as that leader has matched it', () => {
  const cluster = new Cluster('ABCDE');
  cluster.preload('A', 1);
  for (const name of OTHERS) cluster.preload(name, 1, 2, 2);
  cluster.start();
  cluster.cut(...AMONG_OTHERS);
  cluster.run(599);
  cluster.hold(({ type, term }) => type === 'preVoteReply' && term === 3);
  cluster.run(1);
  expect(cluster.disk('A').entries).toHaveLength(3);
  const [from, to] = [cluster.status('E').id, cluster.status('A').id];
  const head = { type: 'append', from, to, term: 2, commit: 0, readSeq: 0, sentAt: 600 } as const;
  cluster.story();
  cluster.say('E leads term 2 and has another entry at 2');
  cluster.deliver({ ...head, prev: { index: 1, term: 1 }, entries: [] });
  cluster.settle();
  expect(cluster.told(/—|A → E/u)).toMatchInlineSnapshot(`
    "— E leads term 2 and has another entry at 2
      600 A → E term 2: I hold up to 1"
  `);
});

test('what has left the memory of the refuser is read from its disk, and dropped if its log has changed meanwhile', () => {
  const cluster = new Cluster('ABCDE', { tailBytesMax: 0, appendBytesMax: 2 });
  cluster.preload('A', 1);
  for (const name of OTHERS) cluster.preload(name, 1, 2, 2, 2);
  cluster.start();
  cluster.cut(...AMONG_OTHERS);
  cluster.holdFetches('B');
  cluster.run(600);
  const [b, e] = [cluster.status('B').id, cluster.status('E').id];
  cluster.story();
  cluster.say('while B reads, a leader of a later term cuts its log');
  cluster.deliver({
    type: 'append',
    from: e,
    to: b,
    term: 3,
    prev: { index: 1, term: 1 },
    entries: [{ kind: 'command', index: 2, term: 3, data: bytes('x') }],
    commit: 0,
    readSeq: 0,
    sentAt: 600,
  });
  cluster.answerFetches('B');
  expect(cluster.told(/—|B reads|B → A/u)).toMatchInlineSnapshot(`
    "— while B reads, a leader of a later term cuts its log
      600 B reads 2 to 2 from disk"
  `);
  cluster.run(2_400);
  expect(cluster.status('A')).toMatchObject({ role: 'leader', committed: cluster.status('A').last.index });
});

test('a voter that hears a leader answers no pull: entries come from the leader', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(350);
  cluster.story();
  const [b, c] = [cluster.status('B').id, cluster.status('C').id];
  cluster.deliver({ type: 'pull', from: c, to: b, term: 9, after: { index: 0, term: 0 } });
  cluster.settle();
  expect(cluster.told(/B → C/u)).toBe('');
  expect(cluster.status('B').term).toBe(1);
});

test('a node that would not win takes nothing over, however often it is refused', () => {
  const cluster = new Cluster('ABCDE');
  cluster.preload('A', 1);
  for (const name of OTHERS) cluster.preload(name, 1, 2);
  cluster.start();
  cluster.cut(...AMONG_OTHERS, 'A-C', 'A-D', 'A-E');
  cluster.run(6_000);
  expect(cluster.told(/log\?/u)).toBe('');
  expect(cluster.status('A').last).toEqual({ index: 1, term: 1 });
});

test('an ordinary failover pulls nothing: whoever has the newer log wins before the second round of the other', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(350);
  cluster.cut('A>B');
  cluster.propose('A', 'x');
  cluster.settle();
  cluster.crash('A');
  cluster.run(3_000);
  expect(cluster.told(/log\?/u)).toBe('');
  expect(cluster.status('C').role).toBe('leader');
});
