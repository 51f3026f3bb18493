import { expect, test } from 'vitest';
import { nodeId } from '../../property/raft/ids.ts';
import { Cluster } from './cluster.ts';

test('leadership goes to the one that is named, once it has everything, without waiting for any timeout', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(300);
  cluster.story();
  cluster.hold(({ type }) => type === 'append');
  cluster.propose('A', 'x');
  cluster.input('A', { type: 'transfer', ref: 7, to: nodeId('C') });
  cluster.propose('A', 'y');
  cluster.release();
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  300 A proposal 300 stands at 2@1
      300 A proposal 300 refused: transferring, ask C
      300 A has on disk write #3: append 2@1 command
      300 A → B term 1: after 1@1 2@1 command, commit 1
      300 A → C term 1: after 1@1 2@1 command, commit 1
      300 B has on disk write #3: append 2@1 command
      300 C has on disk write #3: append 2@1 command
      300 B → A term 1: I hold up to 2
      300 A applies 2@1 x
      300 C → A term 1: I hold up to 2
      300 A → B term 1: after 2@1 nothing new, commit 2
      300 B applies 2@1 x
      300 A → C term 1: after 2@1 nothing new, commit 2
      300 C applies 2@1 x
      300 A → C term 1: lead in my place, from 2@1
      300 C is a candidate of term 2
      300 C has on disk write #4: term 2, vote for C
      300 C → A term 2: vote for me, as the leader wishes; my log ends at 2@1
      300 A follows nobody in term 2
      300 C → B term 2: vote for me, as the leader wishes; my log ends at 2@1
      300 B follows nobody in term 2
      300 A has on disk write #4: term 2, vote for C
      300 B has on disk write #4: term 2, vote for C
      300 A → C term 2: you have my vote
      300 C leads term 2
      300 B → C term 2: you have my vote
      300 C has on disk write #5: append 3@2 noop
      300 C → A term 2: after 2@1 3@2 noop, commit 2
      300 A follows C in term 2
      300 A transfer 7 succeeded
      300 C → B term 2: after 2@1 3@2 noop, commit 2
      300 B follows C in term 2
      300 A has on disk write #5: append 3@2 noop
      300 B has on disk write #5: append 3@2 noop
      300 A → C term 2: I hold up to 2
      300 B → C term 2: I hold up to 2
      300 A → C term 2: I hold up to 3
      300 C applies 3@2 noop
      300 B → C term 2: I hold up to 3
      300 C → A term 2: after 3@2 nothing new, commit 3
      300 A applies 3@2 noop
      300 C → B term 2: after 3@2 nothing new, commit 3
      300 B applies 3@2 noop"
  `);
});

test('without a name it goes to the most caught-up voter that answers', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(300);
  cluster.cut('A-B');
  cluster.propose('A', 'x');
  cluster.settle();
  cluster.input('A', { type: 'transfer', ref: 7, to: null });
  expect(cluster.status('A').transferTarget).toBe('C');
  cluster.settle();
  expect(cluster.status('C').role).toBe('leader');
});

test('a transfer that nobody takes ends after an election timeout, and proposals are taken again', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(300);
  cluster.story();
  cluster.cut('A-C');
  cluster.input('A', { type: 'transfer', ref: 7, to: nodeId('C') });
  cluster.run(590);
  cluster.propose('A', 'x');
  cluster.run(20);
  cluster.propose('A', 'y');
  cluster.settle();
  expect(cluster.told(/ A (transfer|proposal)/u)).toMatchInlineSnapshot(`
    "  890 A proposal 890 refused: transferring, ask C
      900 A transfer 7 failed
      910 A proposal 910 stands at 2@1"
  `);
});

test('a second wish supersedes the first; nobody leads by being a learner, unknown, or the leader already', () => {
  const cluster = new Cluster(
    'ABCD',
    {},
    { voters: ['A', 'B', 'C'].map(nodeId), outgoing: [], learners: [nodeId('D')] },
  ).start();
  cluster.run(300);
  cluster.story();
  cluster.hold(({ type }) => type === 'timeoutNow');
  cluster.input('A', { type: 'transfer', ref: 1, to: nodeId('D') });
  cluster.input('A', { type: 'transfer', ref: 2, to: nodeId('E') });
  cluster.input('A', { type: 'transfer', ref: 3, to: nodeId('A') });
  cluster.input('B', { type: 'transfer', ref: 4, to: nodeId('C') });
  cluster.input('A', { type: 'transfer', ref: 5, to: nodeId('B') });
  cluster.input('A', { type: 'transfer', ref: 6, to: nodeId('B') });
  cluster.input('A', { type: 'transfer', ref: 7, to: nodeId('C') });
  cluster.intercept(({ type, to }) => type === 'timeoutNow' && to === 'B');
  cluster.release();
  expect(cluster.told(/transfer|leads/u)).toMatchInlineSnapshot(`
    "  300 A transfer 1 failed
      300 A transfer 2 failed
      300 A transfer 3 succeeded
      300 B transfer 4 failed
      300 A transfer 5 failed
      300 A transfer 6 failed
      300 C leads term 2
      300 A transfer 7 succeeded"
  `);
});

test('a late word of a transfer is ignored once the log has moved on (edge case E32)', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(300);
  cluster.hold(({ type }) => type === 'timeoutNow');
  cluster.input('A', { type: 'transfer', ref: 7, to: nodeId('C') });
  const [late] = cluster.intercept(({ type }) => type === 'timeoutNow');
  cluster.run(40);
  cluster.hold(({ type }) => type === 'timeoutNow');
  cluster.run(650);
  cluster.intercept(({ type }) => type === 'timeoutNow');
  cluster.propose('A', 'x');
  cluster.settle();
  cluster.story();
  if (late !== undefined) cluster.deliver(late);
  cluster.settle();
  expect(cluster.story()).toMatchInlineSnapshot(`"  990 A → C term 1: lead in my place, from 1@1"`);
  expect(cluster.status('A').role).toBe('leader');
});
