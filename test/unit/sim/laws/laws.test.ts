import { describe, expect, test } from 'vitest';
import { Laws, lawsFor, newBooks } from '../../../../src/sim/laws/all-laws.ts';
import { LawBroken, type Observation } from '../../../../src/sim/laws/law.ts';
import { nodeId } from '../../../property/raft/ids.ts';
import { COMMIT_CASES } from './commit-cases.ts';
import { DISK_CASES } from './disk-cases.ts';
import { ELECTION_CASES } from './election-cases.ts';
import { History, VOTERS } from './history.ts';
import { allStart } from './law-case.ts';
import { LOG_CASES } from './log-cases.ts';

const BUDGET = { heartbeatMs: 50, electionTimeoutMinMs: 300 };

const CASES = [...ELECTION_CASES, ...LOG_CASES, ...DISK_CASES, ...COMMIT_CASES];

describe.each(CASES)('$law: $breach', ({ law, given, broken, legal, says, alsoBreaks = [] }) => {
  test('is seen by this law and no other', () => {
    const { observations } = broken(given(new History()));
    const breaches = breachesOf(observations);
    expect(breaches.get(law)?.message).toMatch(says);
    expect([...breaches.keys()].toSorted()).toEqual([law, ...alsoBreaks].toSorted());
  });

  test('is not there before, nor in its legal twin', () => {
    expect([...breachesOf(given(new History()).observations).keys()]).toEqual([]);
    expect([...breachesOf(legal(given(new History())).observations).keys()]).toEqual([]);
  });
});

describe('all laws together', () => {
  test('stop at the first breach and remember it', () => {
    const laws = new Laws(VOTERS, BUDGET);
    const { observations } = allStart(new History()).elects('n1', 1, 'n2').leads('n3', 1);
    expect(() => tell(laws, observations)).toThrow('election safety is broken by n3 at 8.0 ms');
    expect(laws.broken?.law).toBe('election safety');
  });

  test('excuse a disk that was destroyed on purpose, once', () => {
    const destroyed = allStart(new History()).stores('n1', { term: 1, vote: 'n1', log: '1@1' }).ends('n1');
    const { observations } = destroyed;
    const laws = new Laws(VOTERS, BUDGET);
    tell(laws, observations);
    laws.forgive(nodeId('n1'));
    tell(laws, new History().starts('n1').stores('n1', { term: 1 }).ends('n1').observations);
    expect(() => tell(laws, new History().starts('n1').observations)).toThrow(
      /it opens with term 0, no vote, .* but its disk held term 1/,
    );
  });
});

/** Every law alone, so that none hides behind another. */
function breachesOf(observations: readonly Observation[]): ReadonlyMap<string, LawBroken> {
  const books = newBooks();
  const breaches = new Map<string, LawBroken>();
  const laws = lawsFor(VOTERS, books, BUDGET);
  for (const [at, observation] of observations.entries()) {
    books.shadows.observe(observation);
    books.history.observe(observation);
    for (const law of laws) {
      if (breaches.has(law.name) || !law.hears.includes(observation.type)) continue;
      try {
        law.observe(observation, at);
      } catch (error) {
        if (!(error instanceof LawBroken)) throw error;
        breaches.set(law.name, error);
      }
    }
  }
  return breaches;
}

function tell(laws: Laws, observations: readonly Observation[]): void {
  for (const [at, observation] of observations.entries()) laws.observe(observation, at);
}
