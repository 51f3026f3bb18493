import { describe, expect, test } from 'vitest';
import { type Bounds, explore } from '../../../../src/sim/explore/index.ts';

const NOTHING_ELSE: Bounds = {
  nodes: 3,
  termMax: 2,
  proposals: 0,
  campaigns: 2,
  heartbeats: 0,
  crashes: 0,
  repeats: 0,
  catchUps: 0,
};

/** A second alone; many times that beside other work. */
const LONG = { timeout: 60_000 };

describe('no order of events breaks a law of Raft', LONG, () => {
  test('in two nodes with three elections: every state there is', () => {
    const report = explore({ ...NOTHING_ELSE, nodes: 2, termMax: 3, campaigns: 3 }, { states: 1_000_000 });
    expect(report.finding).toBeNull();
    expect(report.complete).toBe(true);
    expect(report.committing).toBeGreaterThan(1_000);
  });

  test('in three nodes with two elections, which may race, as far as 60,000 states go', () => {
    const report = explore(NOTHING_ELSE, { states: 60_000 });
    expect(report.finding).toBeNull();
    expect(report.depth).toBeGreaterThan(15);
    expect(report.committing).toBeGreaterThan(10_000);
  });

  test('with a crash at any moment, and any prefix of the open writes on disk', () => {
    const report = explore({ ...NOTHING_ELSE, crashes: 1, proposals: 1 }, { states: 60_000 });
    expect(report.finding).toBeNull();
    expect(report.committing).toBeGreaterThan(1_000);
  });

  test('with messages that arrive twice, and a leader that leads on', () => {
    const bounds = { ...NOTHING_ELSE, termMax: 1, campaigns: 1, repeats: 2, heartbeats: 1, proposals: 2 };
    const report = explore(bounds, { states: 60_000 });
    expect(report.finding).toBeNull();
    expect(report.committing).toBeGreaterThan(1_000);
  });

  test('with voters that catch up with whoever refused them for their log', () => {
    const report = explore({ ...NOTHING_ELSE, termMax: 3, catchUps: 1 }, { states: 60_000 });
    expect(report.finding).toBeNull();
    expect(report.committing).toBeGreaterThan(1_000);
  });
});

test('the same bounds give the same report', LONG, () => {
  const reports = [1, 2].map(() => explore({ ...NOTHING_ELSE, crashes: 1 }, { states: 5_000 }));
  expect(reports[0]?.states).toBeGreaterThanOrEqual(5_000);
  expect(reports[0]).toEqual(reports[1]);
});

test('a renaming of the nodes is no new state: of three first campaigns one is looked into', () => {
  const report = explore({ ...NOTHING_ELSE, termMax: 1, campaigns: 1 }, { states: 2 });
  expect(report).toMatchObject({ states: 2, transitions: 3 });
});
