import { expect, test } from 'vitest';
import { ClusterClock } from '../../../src/server/cluster-clock.ts';

test('cluster time goes on from the highest stamp in the log, by the leader’s own clock, and never back', () => {
  const clock = new ClusterClock(5_000, 3);
  clock.appended(4, 5_120);
  clock.leadershipBegan(77);
  expect(clock.stamp(77)).toBe(5_120);
  expect(clock.stamp(90)).toBe(5_133);
  expect(clock.stamp(80)).toBe(5_133);
  clock.leadershipEnded();
  expect(() => clock.stamp(91)).toThrow('only a leader');
});

test('a stamp that was truncated counts no more: the leader that made it was alone', () => {
  const clock = new ClusterClock(0, 0);
  clock.appended(1, 100);
  clock.applied(1, 100);
  clock.leadershipBegan(0);
  clock.appended(2, clock.stamp(500));
  clock.leadershipEnded();
  // Another one led meanwhile, went on from 100, and has come to 300.
  clock.truncated(2);
  clock.appended(2, 300);
  clock.leadershipBegan(2_000);
  expect(clock.stamp(2_000)).toBe(300);
});

test('what the stored log says holds until it is applied or truncated as a whole', () => {
  const applied = new ClusterClock(5_000, 3);
  applied.applied(2, 400);
  expect(applied.highest).toBe(5_000);
  applied.applied(3, 5_000);
  expect(applied.highest).toBe(5_000);
  const truncated = new ClusterClock(5_000, 3);
  truncated.appended(3, 450);
  expect(truncated.highest).toBe(5_000);
  truncated.applied(2, 400);
  expect(truncated.highest).toBe(450);
});

test('time that the leader slept through does not count', () => {
  const clock = new ClusterClock(100, 1);
  clock.leadershipBegan(0);
  expect(clock.stamp(10)).toBe(110);
  clock.slept(60_000);
  expect(clock.stamp(60_020)).toBe(120);
});
