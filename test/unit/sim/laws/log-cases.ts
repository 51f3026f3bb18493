import { allStart, type LawCase } from './law-case.ts';

/** What stands in logs. */
export const LOG_CASES: readonly LawCase[] = [
  {
    law: 'leader append-only',
    breach: 'a leader cuts its own log',
    given: (history) => allStart(history).elects('n1', 1, 'n2').stores('n1', { log: '1@1 2@1' }),
    broken: (history) => history.writes('n1', { cut: 2 }),
    legal: (history) => history.writes('n1', { term: 2, cut: 2 }),
    says: /cuts its log from 2 on, in term 1/,
  },
  {
    law: 'leader append-only',
    breach: 'a leader takes an entry of another term into its log',
    given: (history) => allStart(history).elects('n1', 2, 'n2'),
    broken: (history) => history.writes('n1', { log: '1@1' }),
    legal: (history) => history.writes('n1', { log: '1@2' }),
    says: /appends 1@1 in term 2/,
  },
  {
    law: 'leader append-only',
    breach: 'the log of a leader becomes shorter in memory',
    given: (history) => allStart(history).elects('n1', 1, 'n2').leads('n1', 1, { last: '2@1' }),
    broken: (history) => history.leads('n1', 1, { last: '1@1' }),
    legal: (history) => history.turns('n1', { term: 2, last: '1@1' }),
    says: /ended at 2 and now at 1/,
  },
  {
    law: 'log matching',
    breach: 'one index and term, two contents',
    given: (history) => allStart(history).elects('n1', 1, 'n2').writes('n1', { log: '1@1=x' }),
    broken: (history) => history.writes('n2', { log: '1@1=y' }),
    legal: (history) => history.writes('n2', { log: '1@1=x' }),
    says: /writes 1@1 with another content than n1 has there/,
  },
  {
    law: 'log matching',
    breach: 'one index and term, two predecessors',
    given: (history) =>
      allStart(history).stores('n1', { term: 2, vote: 'n1', log: '1@1 2@2' }).stores('n3', { term: 2 }),
    broken: (history) => history.writes('n3', { log: '1@2' }).writes('n3', { log: '2@2' }),
    legal: (history) => history.writes('n3', { log: '1@1' }).writes('n3', { log: '2@2' }),
    says: /writes 2@2 after 1@2, which n1 has after 1@1/,
  },
  {
    law: 'log matching',
    breach: 'a disk gives back an entry with other bytes',
    given: (history) => allStart(history).stores('n1', { term: 1, vote: 'n1', log: '1@1=x' }).ends('n1'),
    broken: (history) => history.starts('n1', { term: 1, vote: 'n1', log: '1@1=?' }),
    legal: (history) => history.starts('n1', { term: 1, vote: 'n1', log: '1@1=x' }),
    says: /finds 1@1 with another content/,
  },
  {
    law: 'log matching',
    breach: 'a leader sends what it has not got',
    given: (history) => allStart(history).elects('n1', 1, 'n2').writes('n1', { log: '1@1=x' }),
    broken: (history) => history.appends('n1', 'n2', 1, { log: '1@1=y' }),
    legal: (history) => history.appends('n1', 'n2', 1, { log: '1@1=x' }),
    says: /sends 1@1 with another content/,
  },
];
