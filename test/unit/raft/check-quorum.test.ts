import { expect, test } from 'vitest';
import { Cluster } from './cluster.ts';

test('a leader without a quorum steps down, its reads are told so, and the majority elects another', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(350);
  cluster.story();
  cluster.cut('A-B', 'A-C');
  cluster.input('A', { type: 'read', ref: 1 });
  cluster.run(650);
  cluster.propose('A', 'x');
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  350 A → B term 1: after 1@1 nothing new, commit 1, read barrier 1 (lost)
      350 A → C term 1: after 1@1 nothing new, commit 1, read barrier 1 (lost)
      750 B asks around before term 2
      750 B → A term 2: would you vote for me? my log ends at 1@1 (lost)
      750 B → C term 2: would you vote for me? my log ends at 1@1
      750 C → B term 2: I would
      750 B is a candidate of term 2
      750 B has on disk write #3: term 2, vote for B
      750 B → A term 2: vote for me; my log ends at 1@1 (lost)
      750 B → C term 2: vote for me; my log ends at 1@1
      750 C follows nobody in term 2
      750 C has on disk write #3: term 2, vote for B
      750 C → B term 2: you have my vote
      750 B leads term 2
      750 B has on disk write #4: append 2@2 noop
      750 B → A term 2: after 1@1 2@2 noop, commit 1 (lost)
      750 B → C term 2: after 1@1 2@2 noop, commit 1
      750 C follows B in term 2
      750 C has on disk write #4: append 2@2 noop
      750 C → B term 2: I hold up to 1
      750 C → B term 2: I hold up to 2
      750 B applies 2@2 noop
      750 B → C term 2: after 2@2 nothing new, commit 2
      750 C applies 2@2 noop
      800 B → A term 2: after 1@1 nothing new, commit 2 (lost)
      950 A follows nobody in term 1
      950 A read 1 must be asked again
     1000 A proposal 1000 refused: not-leader"
  `);
});

test('a leader that sends but cannot receive is deposed by itself, and does not hold its followers hostage (I62)', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(350);
  cluster.story();
  cluster.cut('B>A', 'C>A');
  cluster.run(1_100);
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  400 B → A term 1: I hold up to 1 (lost)
      400 C → A term 1: I hold up to 1 (lost)
      950 A follows nobody in term 1
     1250 A asks around before term 2
     1250 A → B term 2: would you vote for me? my log ends at 1@1
     1250 A → C term 2: would you vote for me? my log ends at 1@1
     1250 B → A term 2: I would (lost)
     1250 C → A term 2: I would (lost)
     1300 B asks around before term 2
     1300 B → A term 2: would you vote for me? my log ends at 1@1 (lost)
     1300 B → C term 2: would you vote for me? my log ends at 1@1
     1300 C → B term 2: I would
     1300 B is a candidate of term 2
     1300 B has on disk write #3: term 2, vote for B
     1300 B → A term 2: vote for me; my log ends at 1@1 (lost)
     1300 B → C term 2: vote for me; my log ends at 1@1
     1300 C follows nobody in term 2
     1300 C has on disk write #3: term 2, vote for B
     1300 C → B term 2: you have my vote
     1300 B leads term 2
     1300 B has on disk write #4: append 2@2 noop
     1300 B → A term 2: after 1@1 2@2 noop, commit 1 (lost)
     1300 B → C term 2: after 1@1 2@2 noop, commit 1
     1300 C follows B in term 2
     1300 C has on disk write #4: append 2@2 noop
     1300 C → B term 2: I hold up to 1
     1300 C → B term 2: I hold up to 2
     1300 B applies 2@2 noop
     1300 B → C term 2: after 2@2 nothing new, commit 2
     1300 C applies 2@2 noop
     1350 B → A term 2: after 1@1 nothing new, commit 2 (lost)"
  `);
});

test('a follower that receives nothing but sends keeps asking, and nobody listens', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(350);
  cluster.story();
  cluster.cut('A>C', 'B>C');
  cluster.run(1_200);
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  400 A → C term 1: after 1@1 nothing new, commit 1 (lost)
      850 C asks around before term 2
      850 C → A term 2: would you vote for me? my log ends at 1@1
      850 C → B term 2: would you vote for me? my log ends at 1@1
      850 A → C term 1: I would not (lost)
      850 B → C term 1: I would not (lost)
      900 A → C term 1: after 1@1 nothing new, commit 1 (lost)
     1350 A → C term 1: I would not (lost)
     1400 A → C term 1: after 1@1 nothing new, commit 1 (lost)"
  `);
  expect(cluster.status('A')).toMatchObject({ role: 'leader', term: 1 });
});

test('a leader whose process was stopped notices at its first step, before it says or accepts anything', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(350);
  cluster.story();
  cluster.pause('A');
  cluster.input('A', { type: 'propose', ref: 1, payloads: [new Uint8Array(1)] });
  cluster.input('A', { type: 'read', ref: 2 });
  cluster.run(700);
  cluster.propose('B', 'y');
  cluster.settle();
  cluster.say('what A finds first in its queue: a proposal and a read, and old news');
  cluster.resume('A');
  cluster.settle();
  cluster.run(50);
  expect(cluster.story()).toMatchInlineSnapshot(`
    "  350 A is stopped
      750 B asks around before term 2
      750 B → A term 2: would you vote for me? my log ends at 1@1
      750 B → C term 2: would you vote for me? my log ends at 1@1
      750 C → B term 2: I would
      750 B is a candidate of term 2
      750 B has on disk write #3: term 2, vote for B
      750 B → A term 2: vote for me; my log ends at 1@1
      750 B → C term 2: vote for me; my log ends at 1@1
      750 C follows nobody in term 2
      750 C has on disk write #3: term 2, vote for B
      750 C → B term 2: you have my vote
      750 B leads term 2
      750 B has on disk write #4: append 2@2 noop
      750 B → A term 2: after 1@1 2@2 noop, commit 1
      750 B → C term 2: after 1@1 2@2 noop, commit 1
      750 C follows B in term 2
      750 C has on disk write #4: append 2@2 noop
      750 C → B term 2: I hold up to 1
      750 C → B term 2: I hold up to 2
      750 B applies 2@2 noop
      750 B → C term 2: after 2@2 nothing new, commit 2
      750 C applies 2@2 noop
      800 B → A term 2: after 1@1 nothing new, commit 2
     1050 B proposal 1050 stands at 3@2
     1050 B has on disk write #5: append 3@2 command
     1050 B → C term 2: after 2@2 3@2 command, commit 2
     1050 C has on disk write #5: append 3@2 command
     1050 C → B term 2: I hold up to 3
     1050 B applies 3@2 y
     1050 B → C term 2: after 3@2 nothing new, commit 3
     1050 C applies 3@2 y
    — what A finds first in its queue: a proposal and a read, and old news
     1050 A goes on
     1050 A follows nobody in term 1
     1050 A proposal 1 refused: not-leader
     1050 A read 2 must be asked again
     1050 A follows nobody in term 2
     1050 A follows B in term 2
     1050 A has on disk write #3: term 2, vote for B
     1050 A has on disk write #4: append 2@2 noop
     1050 A applies 2@2 noop
     1050 A → B term 2: I would
     1050 A → B term 2: you have my vote
     1050 A → B term 2: I hold up to 2
     1050 B → A term 2: after 2@2 3@2 command, commit 3
     1050 A has on disk write #5: append 3@2 command
     1050 A applies 3@2 y
     1050 A → B term 2: I hold up to 3
     1100 B → A term 2: after 3@2 nothing new, commit 3"
  `);
});

test('answers that waited in the queue of a stopped leader do not prove that it still has a quorum', () => {
  const cluster = new Cluster('ABC').start();
  cluster.run(350);
  cluster.hold(({ to }) => to === 'A');
  cluster.run(100);
  const [late] = cluster.intercept(({ to }) => to === 'A');
  cluster.story();
  cluster.run(490);
  if (late !== undefined) cluster.deliver(late);
  cluster.say('the answer was given to an append of 400, so it holds until 1000 and no longer');
  cluster.run(60);
  expect(cluster.story()).toMatchInlineSnapshot(`
    "— the answer was given to an append of 400, so it holds until 1000 and no longer
     1000 A follows nobody in term 1"
  `);
});

test('a follower whose disk is slow is still heard, also while every append brings new entries', () => {
  const cluster = new Cluster('AB', { windowMessages: 64 }).start();
  cluster.run(350);
  cluster.stallDisk('B');
  for (let ms = 0; ms < 1_000; ms += 40) {
    cluster.propose('A', 'x');
    cluster.run(40);
  }
  expect(cluster.status('A')).toMatchObject({ role: 'leader', term: 1, committed: 1 });
});
