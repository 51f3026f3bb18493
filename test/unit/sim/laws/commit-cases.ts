import { allStart, oneEntry, type LawCase } from './law-case.ts';

/** What is committed and applied. */
export const COMMIT_CASES: readonly LawCase[] = [
  {
    law: 'state-machine safety',
    breach: 'two nodes apply different entries at one index',
    given: (history) => oneEntry(history).applies('n1', '1@1'),
    broken: (history) => history.applies('n3', '1@2'),
    legal: (history) => history.applies('n3', '1@1'),
    says: /applies 1@2, but 1@1 is what was committed there/,
  },
  {
    law: 'state-machine safety',
    breach: 'two nodes apply different contents of one entry',
    given: (history) => oneEntry(history).applies('n1', '1@1=x'),
    broken: (history) => history.applies('n3', '1@1=y'),
    legal: (history) => history.applies('n3', '1@1=x'),
    says: /with another content than was applied there/,
  },
  {
    law: 'committed on a durable quorum',
    breach: 'an entry is called committed while one disk holds it',
    given: (history) =>
      allStart(history).elects('n1', 1, 'n2').stores('n1', { log: '1@1' }).writes('n2', { log: '1@1' }),
    broken: (history) => history.appends('n1', 'n2', 1, { after: '1@1', commit: 1 }),
    legal: (history) => history.syncs('n2').appends('n1', 'n2', 1, { after: '1@1', commit: 1 }),
    says: /n1 .*calls 1@1 committed, which is on the disks of n1 only, out of 3 voters/,
  },
  {
    law: 'committed on a durable quorum',
    breach: 'an entry is applied while one disk holds it',
    given: (history) =>
      allStart(history).elects('n1', 1, 'n2').stores('n1', { log: '1@1' }).writes('n2', { log: '1@1' }),
    broken: (history) => history.applies('n1', '1@1'),
    legal: (history) => history.syncs('n2').applies('n1', '1@1'),
    says: /on the disks of n1 only/,
  },
  {
    law: 'committed on a durable quorum',
    breach: 'a majority of the disks has an entry there, but not this one',
    given: (history) =>
      allStart(history)
        .stores('n2', { term: 1, log: '1@1' })
        .elects('n1', 2, 'n3')
        .stores('n1', { log: '1@2' }),
    broken: (history) => history.leads('n1', 2, { last: '1@2', committed: 1 }),
    legal: (history) =>
      history.stores('n2', { term: 2, cut: 1, log: '1@2' }).leads('n1', 2, { last: '1@2', committed: 1 }),
    says: /calls 1@2 committed, which is on the disks of n1 only/,
  },
  {
    law: 'committed on a durable quorum',
    breach: 'a node remembers a commit that nobody made',
    given: (history) => oneEntry(history).ends('n2'),
    broken: (history) => history.starts('n2', { term: 1, vote: 'n1', log: '1@1', hint: 1 }),
    legal: (history) => history.starts('n2', { term: 1, vote: 'n1', log: '1@1' }),
    says: /opens with a commit index of 1, but nobody ever committed more than 0/,
  },
  {
    law: 'applied once and in order',
    breach: 'an entry is applied twice',
    given: (history) => oneEntry(history).applies('n1', '1@1'),
    broken: (history) => history.applies('n1', '1@1'),
    legal: (history) => history.applies('n2', '1@1'),
    says: /applies 1 a second time/,
  },
  {
    law: 'applied once and in order',
    breach: 'an entry is left out',
    given: (history) => oneEntry(history).stores('n1', { log: '2@1' }).stores('n2', { log: '2@1' }),
    broken: (history) => history.applies('n1', '2@1'),
    legal: (history) => history.applies('n1', '1@1 2@1'),
    says: /applies 2 without 1 before it/,
  },
  {
    law: 'equal digests',
    breach: 'two nodes differ after one index',
    given: (history) => oneEntry(history).applies('n1', '1@1', 'aa'),
    broken: (history) => history.applies('n2', '1@1', 'bb'),
    legal: (history) => history.applies('n2', '1@1', 'aa'),
    says: /after index 1 its state has the digest bb, where n1 has aa/,
  },
  {
    law: 'equal digests',
    breach: 'a node differs from its earlier life',
    given: (history) =>
      oneEntry(history)
        .applies('n1', '1@1', 'aa')
        .ends('n1')
        .starts('n1', { term: 1, vote: 'n1', log: '1@1' }),
    broken: (history) => history.applies('n1', '1@1', 'bb'),
    legal: (history) => history.applies('n1', '1@1', 'aa'),
    says: /has the digest bb, where it had aa/,
  },
  {
    law: 'commits by its own term',
    breach: 'a leader counts to an entry of an earlier term',
    given: (history) =>
      allStart(history)
        .stores('n1', { term: 1, log: '1@1' })
        .stores('n2', { term: 1, log: '1@1' })
        .elects('n1', 2, 'n2', { last: '1@1' }),
    broken: (history) => history.appends('n1', 'n2', 2, { after: '1@1', commit: 1 }),
    legal: (history) =>
      history
        .stores('n1', { log: '2@2' })
        .stores('n2', { log: '2@2' })
        .appends('n1', 'n2', 2, { after: '2@2', commit: 2 }),
    says: /leads term 2 and calls 1@1 committed, which no leader of term 1 ever did/,
  },
];
