import { expect, test } from 'vitest';
import type { Entry, Membership, NodeId } from '../../../src/raft/index.ts';
import { nodeId } from '../../property/raft/ids.ts';
import { Cluster } from './cluster.ts';

const ids = (names: string): readonly NodeId[] => names.split('').map(nodeId);
const members = (voters: string, outgoing = '', learners = ''): Membership => ({
  voters: ids(voters),
  outgoing: ids(outgoing),
  learners: ids(learners),
});

const change = (index: number, membership: Membership): Entry => ({
  kind: 'membership',
  index,
  term: 1,
  membership,
});

test('a learner is sent everything and counted for nothing', () => {
  const cluster = new Cluster('ABCD', {}, members('ABC', '', 'D')).start();
  cluster.run(300);
  cluster.cut('A-B', 'A-C');
  cluster.propose('A', 'x');
  cluster.settle();
  expect(cluster.disk('D').entries).toHaveLength(2);
  expect(cluster.status('A').committed).toBe(1);
  cluster.run(5_000);
  expect(cluster.status('D')).toMatchObject({ role: 'follower', votedFor: null });
});

test('a learner that is asked for its vote gives it: it may have been promoted unknowingly (edge case C24)', () => {
  const cluster = new Cluster('ABCD', {}, members('ABC', '', 'D')).start();
  cluster.deliver({
    type: 'vote',
    from: nodeId('A'),
    to: nodeId('D'),
    term: 1,
    last: { index: 0, term: 0 },
    reason: 'election',
  });
  cluster.settle();
  expect(cluster.story()).toMatchInlineSnapshot(`
    "    0 A → D term 1: vote for me; my log ends at 0@0
        0 D follows nobody in term 1
        0 D has on disk write #1: term 1, vote for A
        0 D → A term 1: you have my vote
        0 A follows nobody in term 1
        0 A has on disk write #1: term 1, no vote"
  `);
});

test('in a joint membership a majority of each half decides, on votes and on commits', () => {
  const cluster = new Cluster('ABCDE', {}, members('ABC', 'CDE')).start();
  cluster.cut('A-D', 'A-E');
  cluster.run(350);
  cluster.say('A had B and C, a majority of one half only');
  cluster.heal();
  cluster.run(300);
  expect(cluster.told(/—|asks|leads/u)).toMatchInlineSnapshot(`
    "  300 A asks around before term 1
    — A had B and C, a majority of one half only
      400 B asks around before term 1
      400 B leads term 1"
  `);
  cluster.cut('B-D', 'B-E');
  cluster.propose('B', 'x');
  cluster.settle();
  expect(cluster.status('B')).toMatchObject({ committed: 1, last: { index: 2 } });
  cluster.heal();
  cluster.run(50);
  expect(cluster.status('B').committed).toBe(2);
});

test('a membership is in force from its append, and truncation takes back any number of them (edge case F36)', () => {
  const cluster = new Cluster('ABC').start();
  const head = {
    type: 'append',
    from: nodeId('B'),
    to: nodeId('A'),
    commit: 0,
    readSeq: 0,
    sentAt: 0,
  } as const;
  cluster.deliver({
    ...head,
    term: 1,
    prev: { index: 0, term: 0 },
    entries: [change(1, members('AB', 'ABC')), change(2, members('AB'))],
  });
  cluster.settle();
  expect(cluster.status('A').membership).toEqual(members('AB'));
  cluster.say('a restart finds both in the log, committed or not (edge case F38)');
  cluster.crash('A');
  cluster.restart('A');
  expect(cluster.status('A').membership).toEqual(members('AB'));
  cluster.deliver({
    ...head,
    from: nodeId('C'),
    term: 2,
    prev: { index: 0, term: 0 },
    entries: [{ kind: 'noop', index: 1, term: 2 }],
  });
  expect(cluster.status('A').membership).toEqual(members('ABC'));
});
