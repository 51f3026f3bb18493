/** Several keys changed at once: all of it, where it was decided, or nothing. */
import type { BadHistory } from './bad-histories.ts';

export const BAD_TRANSACTIONS: readonly BadHistory[] = [
  {
    law: 'a transaction is seen whole',
    seenBy: 'both',
    bad: `
      a    [txn do x=1 y=1 yes @2]
      b      [get x=1 y=none @2]
      log  txn do x=1 y=1`,
    good: `
      a    [txn do x=1 y=1 yes @2]
      b      [get x=none y=none @1]
      log  txn do x=1 y=1`,
  },
  {
    law: 'a transaction of unknown outcome is seen whole too',
    seenBy: 'both',
    bad: `
      a    [txn do x=1 y=1 …)
      b      [get x=1 y=none @2]
      log  txn do x=1 y=1`,
    good: `
      a    [txn do x=1 y=1 …)
      b      [get x=1 y=1 @2]
      log  txn do x=1 y=1`,
  },
  {
    law: 'what a transaction compared was so',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2]
      b                  [txn if x=2 do y=1 yes @3]
      log  put x=1; txn if x=2 do y=1`,
    good: `
      a    [put x=1 @2]
      b                  [txn if x=2 do y=1 no @2]
      log  put x=1; txn if x=2 do y=1`,
  },
  {
    law: 'a transaction whose compares held is done',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2]
      b                  [txn if x=1 if y=none do y=1 no @2]
      log  put x=1; txn if x=1 if y=none do y=1`,
    good: `
      a    [put x=1 @2]
      b                  [txn if x=1 if y=none do y=1 yes @3]
      log  put x=1; txn if x=1 if y=none do y=1`,
  },
  {
    law: 'of two swaps of one state one fails (lost update)',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2]  [txn if x=1 do x=2 y=2 yes @3]
      b                  [txn if x=1 do x=3 y=3 yes @4]
      log  put x=1; txn if x=1 do x=2 y=2; txn if x=1 do x=3 y=3`,
    good: `
      a    [put x=1 @2]  [txn if x=1 do x=2 y=2 yes @3]
      b                  [txn if x=1 do x=3 y=3 no @3 ]
      log  put x=1; txn if x=1 do x=2 y=2; txn if x=1 do x=3 y=3`,
  },
  {
    law: 'two transactions do not each miss what the other wrote (write skew)',
    seenBy: 'both',
    bad: `
      a    [txn if x=none do y=1 yes @2]
      b    [txn if y=none do x=1 yes @3]
      log  txn if x=none do y=1; txn if y=none do x=1`,
    good: `
      a    [txn if x=none do y=1 yes @2]
      b    [txn if y=none do x=1 no @2 ]
      log  txn if x=none do y=1; txn if y=none do x=1`,
  },
  {
    law: 'a transaction that did not succeed did nothing',
    seenBy: 'both',
    bad: `
      a    [txn if x=1 do y=1 no @1]
      b                              [get y=1 @1]
      log  txn if x=1 do y=1`,
    good: `
      a    [txn if x=1 do y=1 no @1]
      b                              [get y=none @1]
      log  txn if x=1 do y=1`,
  },
  {
    law: 'transactions keep real time (strict serializability)',
    seenBy: 'both',
    bad: `
      a    [txn do x=1 y=1 yes @2]
      b                            [txn if x=none do z=1 yes @3]
      log  txn do x=1 y=1; txn if x=none do z=1`,
    good: `
      a    [txn do x=1 y=1 yes @2]
      b                            [txn if x=none do z=1 no @2]
      log  txn do x=1 y=1; txn if x=none do z=1`,
  },
];
