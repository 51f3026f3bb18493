/** Elections where a sync takes about as long as an election timeout: nobody stands while a vote is on its way. */
import { describe, expect, test } from 'vitest';
import type { RaftOptions } from '../../../src/raft/index.ts';
import { Pace } from '../../../src/raft/pace.ts';
import { nodeId } from '../../property/raft/ids.ts';
import { Cluster } from './cluster.ts';

const OPTIONS: RaftOptions = {
  id: nodeId('A'),
  heartbeatMs: 50,
  electionTimeoutMinMs: 300,
  electionTimeoutMaxMs: 600,
  writesInFlightMax: 1,
  windowMessages: 1,
  windowBytes: 1,
  appendBytesMax: 1,
  uncommittedBytesMax: 1,
  tailBytesMax: 1,
  random: () => 0,
};

/** Every open write is on disk after this long, and then messages arrive until nothing moves. */
function runWithSlowDisks(cluster: Cluster, names: readonly string[], syncMs: number, rounds: number): void {
  cluster.stallDisk(...names);
  for (let round = 0; round < rounds; round += 1) {
    cluster.run(syncMs);
    for (const name of names) cluster.persistOne(name);
    cluster.settle();
  }
}

describe('a pace', () => {
  test('changes nothing while promises take no longer than a heartbeat', () => {
    const pace = new Pace(OPTIONS);
    for (const tookMs of [1, 10, 50]) pace.observe(tookMs, 0);
    expect(pace.patienceMs(0)).toBe(0);
  });

  test('is the slowest of lately, and forgets 100 ms in a second', () => {
    const pace = new Pace(OPTIONS);
    pace.observe(450, 1_000);
    pace.observe(2, 1_000);
    expect(pace.patienceMs(1_000)).toBe(400);
    expect(pace.patienceMs(3_000)).toBe(200);
    pace.observe(300, 3_000);
    expect(pace.patienceMs(3_000)).toBe(250);
    pace.observe(100, 3_000);
    expect(pace.patienceMs(3_000)).toBe(250);
    expect(pace.patienceMs(60_000)).toBe(0);
  });

  test('is bounded by an election timeout, however long a disk was stuck', () => {
    const pace = new Pace(OPTIONS);
    pace.observe(3_600_000, 0);
    expect(pace.patienceMs(0)).toBe(600);
  });
});

describe('an election timeout', () => {
  test('of who hears a leader is as it was, however slow the own disk: a dead leader is noticed as soon', () => {
    for (const syncMs of [0, 150, 250]) {
      const cluster = new Cluster('ABC').start();
      cluster.stallDisk('A');
      cluster.deliver({ type: 'voteReply', from: nodeId('B'), to: nodeId('A'), term: 1, granted: false });
      cluster.run(syncMs);
      cluster.persistOne('A');
      const heardAt = cluster.now;
      cluster.deliver({
        type: 'append',
        from: nodeId('C'),
        to: nodeId('A'),
        term: 1,
        prev: { index: 0, term: 0 },
        entries: [],
        commit: 0,
        readSeq: 0,
        sentAt: 0,
      });
      expect(cluster.wakeAt('A') - heardAt, `syncs of ${syncMs} ms`).toBe(300);
    }
  });

  test('of a candidate begins when its vote is on disk, and is longer by what that took', () => {
    const cluster = new Cluster('AB').start();
    cluster.stallDisk('A');
    cluster.run(300);
    cluster.cut('B>A');
    cluster.run(400);
    expect(cluster.status('A')).toMatchObject({ role: 'candidate', term: 1 });
    cluster.persistOne('A');
    cluster.run(1_000);
    expect(cluster.told(/A (?:is|asks|has)|vote for me/u)).toMatchInlineSnapshot(`
      "  300 A asks around before term 1
        300 A → B term 1: would you vote for me? my log ends at 0@0
        300 A is a candidate of term 1
        400 B → A term 1: would you vote for me? my log ends at 0@0 (lost)
        700 A has on disk write #1: term 1, vote for A
        700 A → B term 1: vote for me; my log ends at 0@0
       1100 B → A term 2: would you vote for me? my log ends at 0@0 (lost)
       1700 A asks around before term 2
       1700 A → B term 2: would you vote for me? my log ends at 0@0"
    `);
  });

  test('of a voter begins when its vote is on disk: until then it does not stand', () => {
    const cluster = new Cluster('ABC').start();
    cluster.stallDisk('B');
    cluster.crash('C');
    cluster.run(300);
    cluster.crash('A');
    cluster.run(500);
    expect(cluster.status('B')).toMatchObject({ role: 'follower', term: 1 });
    cluster.persistOne('B');
    cluster.run(1_600);
    expect(cluster.told(/B (?:is|asks|has)/u)).toMatchInlineSnapshot(`
      "  800 B has on disk write #1: term 1, vote for A
       2400 B asks around before term 2"
    `);
  });

  test('is longer after a ballot in which willing voters said nothing: their disks are slower than ours', () => {
    const cluster = new Cluster('ABC').start();
    cluster.stallDisk('B', 'C');
    cluster.run(300);
    runWithSlowDisks(cluster, ['B', 'C'], 350, 2);
    expect(cluster.told(/A (?:is|asks|leads)|[BC] has|my vote/u)).toMatchInlineSnapshot(`
      "  300 A asks around before term 1
        300 A is a candidate of term 1
        600 A asks around before term 2
        600 A is a candidate of term 2
        650 B has on disk write #1: term 1, vote for A
        650 C has on disk write #1: term 1, vote for A
       1000 B has on disk write #2: term 2, vote for A
       1000 C has on disk write #2: term 2, vote for A
       1000 B → A term 2: you have my vote
       1000 A leads term 2
       1000 C → A term 2: you have my vote"
    `);
  });
});

describe.each([250, 450, 800])('where every sync takes %i ms', (syncMs) => {
  test.each(['ABC', 'ABCDE'])('%s elect a leader, and it stays', (letters) => {
    const names = letters.split('');
    const cluster = new Cluster(letters, { writesInFlightMax: 1 }).start();
    runWithSlowDisks(cluster, names, syncMs, 12);
    const terms = cluster.told(/leads term/u);
    expect(terms).toMatch(/ [A-E] leads term \d+$/u);
    const leader = names.find((name) => cluster.status(name).role === 'leader');
    runWithSlowDisks(cluster, names, syncMs, 20);
    expect(cluster.told(/leads term/u)).toBe('');
    expect(cluster.status(leader ?? '').role).toBe('leader');
  });
});
