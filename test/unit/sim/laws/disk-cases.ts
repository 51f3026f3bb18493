import { allStart, type LawCase } from './law-case.ts';

/** What is promised, and what a disk keeps. */
export const DISK_CASES: readonly LawCase[] = [
  {
    law: 'no promise before fsync',
    breach: 'a vote leaves before it is durable',
    given: (history) => allStart(history).writes('n2', { term: 1, vote: 'n1' }),
    broken: (history) => history.grantsVote('n2', 'n1', 1),
    legal: (history) => history.syncs('n2').grantsVote('n2', 'n1', 1),
    says: /gives n1 its vote in term 1, but its disk holds term 0, no vote/,
  },
  {
    law: 'no promise before fsync',
    breach: 'a vote is given to one and promised to another',
    given: (history) => allStart(history).stores('n2', { term: 1, vote: 'n1' }),
    broken: (history) => history.grantsVote('n2', 'n3', 1),
    legal: (history) => history.grantsVote('n2', 'n1', 1),
    says: /gives n3 its vote in term 1, but its disk holds term 1, vote for n1/,
  },
  {
    law: 'no promise before fsync',
    breach: 'a candidate asks for votes before its own is durable',
    given: (history) => allStart(history).writes('n1', { term: 1, vote: 'n1' }),
    broken: (history) => history.asksVote('n1', 'n2', 1),
    legal: (history) => history.syncs('n1').asksVote('n1', 'n2', 1),
    says: /asks n2 for a vote in term 1/,
  },
  {
    law: 'no promise before fsync',
    breach: 'a leader leads before its own vote is durable',
    given: (history) => allStart(history).writes('n1', { term: 1, vote: 'n1' }),
    broken: (history) => history.appends('n1', 'n2', 1, {}),
    legal: (history) => history.syncs('n1').appends('n1', 'n2', 1, {}),
    says: /leads n2 in term 1/,
  },
  {
    law: 'no promise before fsync',
    breach: 'an entry is acknowledged before it is durable',
    given: (history) =>
      allStart(history).elects('n1', 1, 'n2').stores('n1', { log: '1@1' }).writes('n2', { log: '1@1' }),
    broken: (history) => history.acknowledges('n2', 'n1', 1, 1),
    legal: (history) => history.syncs('n2').acknowledges('n2', 'n1', 1, 1),
    says: /acknowledges n1 up to 1 in term 1, but its disk holds .*log up to 0@0/,
  },
  {
    law: 'no promise before fsync',
    breach: 'what is acknowledged is not what the leader sent',
    given: (history) =>
      allStart(history)
        .stores('n2', { term: 1, log: '1@1' })
        .elects('n1', 2, 'n2')
        .stores('n1', { log: '1@2' }),
    broken: (history) => history.acknowledges('n2', 'n1', 2, 1),
    legal: (history) => history.stores('n2', { cut: 1, log: '1@2' }).acknowledges('n2', 'n1', 2, 1),
    says: /acknowledges 1@2 to n1, but its disk holds 1@1 there/,
  },
  {
    law: 'durability',
    breach: 'a durable entry is gone after a restart',
    given: (history) =>
      allStart(history).stores('n1', { term: 1, log: '1@1 2@1' }).writes('n1', { log: '3@1' }).ends('n1'),
    broken: (history) => history.starts('n1', { term: 1, log: '1@1' }),
    legal: (history) => history.starts('n1', { term: 1, log: '1@1 2@1' }),
    says: /opens with term 1, no vote, log up to 1@1, but its disk held term 1, no vote, log up to 2@1/,
  },
  {
    law: 'durability',
    breach: 'an entry appears that was never handed over',
    given: (history) =>
      allStart(history).stores('n1', { term: 1, log: '1@1' }).writes('n1', { log: '2@1' }).ends('n1'),
    broken: (history) => history.starts('n1', { term: 1, log: '1@1 2@1 3@1' }),
    legal: (history) => history.starts('n1', { term: 1, log: '1@1 2@1' }),
    says: /with its open writes term 1, no vote, log up to 2@1/,
  },
  {
    law: 'durability',
    breach: 'a later write survives an earlier one',
    given: (history) =>
      allStart(history)
        .writes('n1', { term: 1 })
        .writes('n1', { term: 2, vote: 'n1', log: '1@1' })
        .ends('n1'),
    broken: (history) => history.starts('n1', { term: 1, log: '1@1' }),
    legal: (history) => history.starts('n1', { term: 2, vote: 'n1', log: '1@1' }),
    says: /opens with term 1/,
  },
  {
    law: 'durability',
    breach: 'a write leaves a hole in the log',
    given: (history) => allStart(history).stores('n1', { term: 1, log: '1@1' }),
    broken: (history) => history.writes('n1', { log: '3@1' }),
    legal: (history) => history.writes('n1', { log: '2@1' }),
    says: /write #2 puts 3 where 2 belongs/,
  },
  {
    law: 'durability',
    breach: 'a write is handed over out of turn',
    given: (history) => allStart(history).writes('n1', { term: 1 }),
    broken: (history) => history.writes('n1', { log: '1@1', seq: 3 }),
    legal: (history) => history.writes('n1', { log: '1@1', seq: 2 }),
    says: /write #3 is out of turn/,
  },
  {
    law: 'a log reads back as it was written',
    breach: 'an entry is read that was cut off',
    given: (history) =>
      allStart(history)
        .stores('n1', { term: 1, log: '1@1 2@1' })
        .stores('n1', { term: 2, cut: 2, log: '2@2' }),
    broken: (history) => history.reads('n1', 1, '1@1 2@1'),
    legal: (history) => history.reads('n1', 1, '1@1 2@2'),
    says: /reads 2@1, where 2@2 was written/,
  },
  {
    law: 'a log reads back as it was written',
    breach: 'an entry is read that is not durable',
    given: (history) => allStart(history).stores('n1', { term: 1, log: '1@1' }).writes('n1', { log: '2@1' }),
    broken: (history) => history.reads('n1', 1, '1@1 2@1'),
    legal: (history) => history.syncs('n1').reads('n1', 1, '1@1 2@1'),
    says: /reads 2@1, where 2@nothing was written/,
  },
  {
    law: 'a log reads back as it was written',
    breach: 'a reading leaves one out',
    given: (history) => allStart(history).stores('n1', { term: 1, log: '1@1 2@1 3@1' }),
    broken: (history) => history.reads('n1', 1, '1@1 3@1'),
    legal: (history) => history.reads('n1', 1, '1@1 2@1'),
    says: /reads 3@1, where 2@1 was written/,
  },
  {
    law: 'a founded node knows its cluster',
    breach: 'it has forgotten it when its directory is opened again',
    given: (history) => history.opens('n1', 'd1', null).founds('n1', 'd1', 'c'),
    broken: (history) => history.opens('n1', 'd1', null),
    legal: (history) => history.opens('n1', 'd1', 'c').opens('n1', 'd2', null),
    says: /took part in cluster c, and its directory knows none/,
  },
  {
    law: 'a founded node knows its cluster',
    breach: 'it takes part in a second one',
    given: (history) => history.opens('n1', 'd1', null).founds('n1', 'd1', 'c'),
    broken: (history) => history.founds('n1', 'd1', 'e'),
    legal: (history) => history.founds('n1', 'd1', 'c').founds('n2', 'd2', 'c'),
    says: /took part in cluster c, and its directory knows e/,
  },
];
