import type { History } from './history.ts';
import { allStart, oneEntry, type LawCase } from './law-case.ts';

/** And it is committed, and n1 is gone. */
const oneCommitted = (history: History): History =>
  oneEntry(history).leads('n1', 1, { last: '1@1', committed: 1 }).ends('n1');

const heartbeats = (history: History, count: number): History => {
  for (let beat = 0; beat < count; beat += 1) history.appends('n1', 'n2', 1, {});
  return history;
};

/** Who leads, with what, and how often it says so. */
export const ELECTION_CASES: readonly LawCase[] = [
  {
    law: 'election safety',
    breach: 'two nodes lead one term',
    given: (history) => allStart(history).elects('n1', 1, 'n2').stores('n3', { term: 1, vote: 'n3' }),
    broken: (history) => history.leads('n3', 1),
    legal: (history) => history.turns('n3', { role: 'candidate', term: 1, vote: 'n3' }),
    says: /n3.*it leads term 1, which n1 led already/,
  },
  {
    law: 'election safety',
    breach: 'a leader is known by what it sends, before its turn is over',
    given: (history) => allStart(history).elects('n1', 1, 'n2').stores('n3', { term: 1, vote: 'n3' }),
    broken: (history) => history.appends('n3', 'n2', 1, {}),
    legal: (history) => history.stores('n3', { term: 2, vote: 'n3' }).appends('n3', 'n2', 2, {}),
    says: /it leads term 1, which n1 led already/,
  },
  {
    law: 'election safety',
    breach: 'a leader comes back and leads its old term again',
    given: (history) =>
      allStart(history).elects('n1', 1, 'n2').ends('n1').starts('n1', { term: 1, vote: 'n1' }),
    broken: (history) => history.leads('n1', 1),
    legal: (history) => history.elects('n1', 2, 'n3'),
    says: /which it led before it restarted/,
  },
  {
    law: 'leader completeness',
    breach: 'a later leader lacks what was committed',
    given: (history) => oneCommitted(history),
    broken: (history) => history.elects('n3', 2, 'n2'),
    legal: (history) => history.stores('n3', { term: 1, log: '1@1' }).elects('n3', 2, 'n2'),
    says: /leads term 2 without 1@1, which was committed before: its log ends at 0@0/,
  },
  {
    law: 'leader completeness',
    breach: 'a later leader has something else where an entry was committed',
    given: (history) => oneCommitted(history).stores('n3', { term: 2, vote: 'n3', log: '1@2' }),
    broken: (history) => history.elects('n3', 3, 'n2'),
    legal: (history) => history.elects('n2', 3, 'n3'),
    says: /leads term 3 without 1@1, .*: it has 1@2/,
  },
  {
    law: 'nothing goes back',
    breach: 'a term falls',
    given: (history) => allStart(history).turns('n1', { term: 2 }),
    broken: (history) => history.turns('n1', { term: 1 }),
    legal: (history) => history.turns('n1', { term: 2 }),
    says: /its term goes back from 2 to 1/,
  },
  {
    law: 'nothing goes back',
    breach: 'a vote moves on within its term',
    given: (history) => allStart(history).turns('n2', { term: 1, vote: 'n1' }),
    broken: (history) => history.turns('n2', { term: 1, vote: 'n3' }),
    legal: (history) => history.turns('n2', { term: 2, vote: 'n3' }),
    says: /its vote in term 1 goes from n1 to n3/,
  },
  {
    law: 'nothing goes back',
    breach: 'a vote is forgotten within its term',
    given: (history) => allStart(history).turns('n2', { term: 1, vote: 'n1' }),
    broken: (history) => history.turns('n2', { term: 1 }),
    legal: (history) => history.turns('n2', { term: 2 }),
    says: /its vote in term 1 goes from n1 to nobody/,
  },
  {
    law: 'nothing goes back',
    breach: 'a commit index falls',
    given: (history) => oneEntry(history).leads('n1', 1, { last: '1@1', committed: 1 }),
    broken: (history) => history.leads('n1', 1, { last: '1@1' }),
    legal: (history) => history.leads('n1', 1, { last: '1@1', committed: 1 }),
    says: /its commit index goes back from 1 to 0/,
  },
  {
    law: 'nothing goes back',
    breach: 'an applied index falls without a restart',
    given: (history) => oneEntry(history).leads('n1', 1, { last: '1@1', committed: 1, applied: 1 }),
    broken: (history) => history.leads('n1', 1, { last: '1@1', committed: 1 }),
    legal: (history) =>
      history
        .ends('n1')
        .starts('n1', { term: 1, vote: 'n1', log: '1@1' })
        .turns('n1', { term: 1, vote: 'n1' }),
    says: /its applied index goes back from 1 to 0/,
  },
  {
    law: 'nothing goes back',
    breach: 'a durable vote does not survive a restart',
    given: (history) => allStart(history).stores('n2', { term: 1, vote: 'n1' }).ends('n2'),
    broken: (history) => history.starts('n2', { term: 1 }),
    legal: (history) => history.starts('n2', { term: 1, vote: 'n1' }),
    says: /across its restart, its vote in term 1 goes from n1 to nobody/,
    alsoBreaks: ['durability'],
  },
  {
    law: 'messages per commit',
    breach: 'a thousand heartbeats in no time',
    given: (history) => allStart(history).elects('n1', 1, 'n2'),
    broken: (history) => heartbeats(history, 1_000),
    legal: (history) => heartbeats(history, 40),
    says: /more messages than time, entries, elections and reads account for; the last is append to n2/,
  },
  {
    law: 'votes for logs as good as its own',
    breach: 'a vote for a log that ends in an earlier term',
    given: (history) =>
      allStart(history)
        .stores('n1', { term: 3, vote: 'n1', log: '1@1 2@1' })
        .stores('n2', { term: 2, log: '1@2' })
        .asksVote('n1', 'n2', 3, '2@1'),
    broken: (history) => history.writes('n2', { term: 3, vote: 'n1' }),
    legal: (history) => history.writes('n2', { term: 3, vote: 'n1', cut: 1 }),
    says: /votes in term 3 for n1, whose log ends at 2@1, with 1@2 in its own/,
  },
  {
    law: 'votes for logs as good as its own',
    breach: 'a vote for a shorter log of the same term',
    given: (history) =>
      allStart(history)
        .stores('n1', { term: 3, vote: 'n1', log: '1@1' })
        .stores('n2', { term: 1, log: '1@1 2@1' })
        .stores('n3', { term: 1, log: '1@1' })
        .asksVote('n1', 'n2', 3, '1@1')
        .asksVote('n1', 'n3', 3, '1@1'),
    broken: (history) => history.writes('n2', { term: 3, vote: 'n1' }),
    legal: (history) => history.writes('n3', { term: 3, vote: 'n1' }),
    says: /whose log ends at 1@1, with 2@1 in its own/,
  },
];
