import { expect, test } from 'vitest';
import { Liveness, livenessOptions } from '../../../../src/sim/laws/liveness.ts';
import { allStart } from './law-case.ts';
import { History, VOTERS } from './history.ts';

/** Election timeout 100 ms: a leader within 400, progress and convergence within 800. */
const OPTIONS = livenessOptions(100);

const led = (history: History, term: number): History =>
  history.turns('n2', { term, leader: 'n1' }).leads('n1', term).turns('n3', { term, leader: 'n1' });

test('one leader that all follow, a write and equal logs are all that is asked', () => {
  const liveness = healthy();
  liveness.acknowledged();
  liveness.check(10_000);
  liveness.loadStopped(10_000);
  liveness.check(11_000);
});

test('nothing is asked before the time is up, nor while faults are on', () => {
  const liveness = told(allStart(new History()));
  liveness.check(50_000);
  liveness.healed(VOTERS, 50_000);
  liveness.check(50_399);
  liveness.disturbed();
  liveness.check(90_000);
});

test('nobody leads in time', () => {
  const liveness = told(allStart(new History()));
  liveness.healed(VOTERS, 0);
  expect(() => liveness.check(400)).toThrow(
    /400 ms after healing there is no one leader: n1 follows nobody in term 0, n2 follows nobody/,
  );
});

test('two lead', () => {
  const liveness = told(led(allStart(new History()), 1).leads('n3', 2));
  liveness.healed(VOTERS, 0);
  expect(() => liveness.check(400)).toThrow(/n2 follows n1 in term 1, n3 leads term 2/);
});

test('a leader that does not stay', () => {
  const liveness = healthy();
  expect(() => tell(liveness, new History().turns('n2', { term: 2 }))).toThrow(
    /a stable leader is broken by n2 .* n2 follows nobody in term 2, although n1 led term 1 and nothing failed/,
  );
});

test('a leader may change until the time is up', () => {
  const liveness = told(led(allStart(new History()), 1));
  liveness.healed(VOTERS, 0);
  liveness.check(399);
  tell(liveness, led(new History(), 2));
  liveness.check(400);
});

test('no write comes through, although somebody leads', () => {
  const liveness = healthy();
  liveness.check(799);
  expect(() => liveness.check(800)).toThrow(/no write was acknowledged for 800 ms of health/);
});

test('a node stays behind when the load is over', () => {
  const liveness = healthy();
  tell(
    liveness,
    new History().leads('n1', 1, { applied: 5 }).turns('n3', { term: 1, leader: 'n1', applied: 4 }),
  );
  liveness.acknowledged();
  liveness.loadStopped(1_000);
  liveness.check(1_799);
  expect(() => liveness.check(1_800)).toThrow(
    /stay apart: n1 has applied 5, n2 has applied 0, n3 has applied 4/,
  );
});

test('equal indexes, different states', () => {
  const liveness = healthy();
  tell(liveness, new History().applies('n1', '1@1', 'aa').applies('n3', '1@1', 'bb'));
  liveness.loadStopped(1_000);
  expect(() => liveness.check(1_800)).toThrow(/its digest at 1 is bb, that of n1 is aa/);
});

test('nothing is asked of a node that is down, or outside the core', () => {
  const liveness = told(led(allStart(new History()), 1).ends('n3'));
  liveness.healed(VOTERS, 0);
  liveness.check(400);
  const other = told(led(allStart(new History()), 1).turns('n3', { term: 9 }));
  other.healed(VOTERS.slice(0, 2), 0);
  other.check(400);
  tell(other, new History().turns('n3', { term: 10 }));
});

function healthy(): Liveness {
  const liveness = told(led(allStart(new History()), 1));
  liveness.healed(VOTERS, 0);
  liveness.check(400);
  return liveness;
}

function told(history: History): Liveness {
  const liveness = new Liveness(OPTIONS);
  tell(liveness, history);
  return liveness;
}

function tell(liveness: Liveness, { observations }: History): void {
  for (const observation of observations) liveness.observe(observation, 500);
}
