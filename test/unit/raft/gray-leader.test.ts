import { expect, test } from 'vitest';
import { Cluster } from './cluster.ts';

test('a leader whose disk is stuck hands over after three election timeouts', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(300);
  cluster.story();
  cluster.stallDisk('A');
  cluster.propose('A', 'x');
  cluster.run(1_799);
  expect(cluster.status('A').role).toBe('leader');
  cluster.story();
  cluster.run(1);
  expect(cluster.story()).toMatchInlineSnapshot(`
    " 2100 A → B term 1: lead in my place, from 2@1
     2100 B is a candidate of term 2
     2100 B has on disk write #4: term 2, vote for B
     2100 B → A term 2: vote for me, as the leader wishes; my log ends at 2@1
     2100 A follows nobody in term 2
     2100 B → C term 2: vote for me, as the leader wishes; my log ends at 2@1
     2100 C follows nobody in term 2
     2100 C has on disk write #4: term 2, vote for B
     2100 C → B term 2: you have my vote
     2100 B leads term 2
     2100 B has on disk write #5: append 3@2 noop
     2100 B → A term 2: after 2@1 3@2 noop, commit 2
     2100 A follows B in term 2
     2100 B → C term 2: after 2@1 3@2 noop, commit 2
     2100 C follows B in term 2
     2100 C has on disk write #5: append 3@2 noop
     2100 C → B term 2: I hold up to 2
     2100 C → B term 2: I hold up to 3
     2100 B applies 3@2 noop
     2100 B → C term 2: after 3@2 nothing new, commit 3
     2100 C applies 3@2 noop"
  `);
});

test('a leader that cannot commit and finds nobody to take over steps down and stays quiet', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(300);
  cluster.story();
  cluster.stallDisk('B', 'C');
  cluster.propose('A', 'x');
  cluster.run(2_400);
  expect(cluster.told(/ A (follows|asks|is a)/u)).toMatchInlineSnapshot(`" 2700 A follows nobody in term 1"`);
  expect(cluster.wakeAt('A')).toBeGreaterThan(cluster.now + 300);
});

test('a leader whose followers are far behind is not stuck while they catch up', () => {
  const cluster = new Cluster('AB', { windowMessages: 1, appendBytesMax: 1 });
  cluster.preload('A', ...Array.from({ length: 300 }, () => 1));
  cluster.start();
  cluster.hold(({ to }) => to === 'A');
  cluster.run(300);
  for (let ms = 0; ms < 3_600; ms += 40) {
    for (const message of cluster.intercept(({ to }) => to === 'A')) cluster.deliver(message);
    cluster.run(40);
  }
  expect(cluster.status('A')).toMatchObject({ role: 'leader', term: 2, committed: 0, transferTarget: null });
});

test('a node whose disk is stuck does not campaign: its vote could not be durable', () => {
  const cluster = new Cluster('ABC').start();
  cluster.stallDisk('A');
  cluster.cut('A-C', 'A-B');
  cluster.deliver({
    type: 'append',
    from: cluster.status('B').id,
    to: cluster.status('A').id,
    term: 3,
    prev: { index: 0, term: 0 },
    entries: [],
    commit: 0,
    readSeq: 0,
    sentAt: 0,
  });
  cluster.run(2_000);
  expect(cluster.told(/ A asks/u).split('\n')).toHaveLength(1);
});
