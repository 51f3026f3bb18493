/** One key, put and read. */
import type { BadHistory } from './bad-histories.ts';

export const BAD_READS: readonly BadHistory[] = [
  {
    law: 'a read sees what was put before it (stale read)',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [put x=2 @3]
      b                              [get x=1 @2]
      log  put x=1; put x=2`,
    good: `
      a    [put x=1 @2] [put x=2 @3]
      b                           [get x=1 @2]
      log  put x=1; put x=2`,
  },
  {
    law: 'a client reads its own write',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [get x=none @1]
      log  put x=1`,
    good: `
      a    [put x=1 @2] [get x=1 @2]
      log  put x=1`,
  },
  {
    law: 'an acknowledged write is not lost',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2]
      b                  [get x=none @2]
      log  put x=1`,
    good: `
      a    [put x=1 @2]
      b                  [get x=1 @2]
      log  put x=1`,
  },
  {
    law: 'nothing is read before it was asked for',
    seenBy: 'both',
    bad: `
      a    [get x=1 @2]
      b                  [put x=1 @2]
      log  put x=1`,
    good: `
      a    [get x=1 @2]
      b               [put x=1 @2]
      log  put x=1`,
  },
  {
    law: 'what is read, somebody wrote',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [get x=7 @2]
      log  put x=1`,
    good: `
      a    [put x=1 @2] [get x=1 @2]
      log  put x=1`,
  },
  {
    law: 'reads do not go back in time while a write is open',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [put x=2 @3                    ]
      b                   [get x=2 @3] [get x=1 @2]
      log  put x=1; put x=2`,
    good: `
      a    [put x=1 @2] [put x=2 @3                    ]
      b                   [get x=1 @2] [get x=2 @3]
      log  put x=1; put x=2`,
  },
  {
    law: 'once two writes have finished, all readers agree on which was last',
    seenBy: 'search',
    bad: `
      a    [put x=1]
      b    [put x=2]
      c              [get x=1]
      d              [get x=2]`,
    good: `
      a    [put x=1]
      b    [put x=2       ]
      c              [get x=1]
      d              [get x=2]`,
  },
  {
    law: 'what failed is never read (aborted read)',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [put x=2 failed]
      b                                  [get x=2 @2]
      log  put x=1`,
    good: `
      a    [put x=1 @2] [put x=2 failed]
      b                                  [get x=1 @2]
      log  put x=1`,
  },
  {
    law: 'what is deleted is gone',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [del x 1 @3] [get x=1 @3]
      log  put x=1; del x`,
    good: `
      a    [put x=1 @2] [del x 1 @3] [get x=none @3]
      log  put x=1; del x`,
  },
  {
    law: 'what was not deleted is there',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [del y 0 @2] [get x=none @2]
      log  put x=1; del y`,
    good: `
      a    [put x=1 @2] [del y 0 @2] [get x=1 @2]
      log  put x=1; del y`,
  },
  {
    law: 'one record is deleted once',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [del x 1 @3]
      b                   [del x 1 @3]
      log  put x=1; del x; del x`,
    good: `
      a    [put x=1 @2] [del x 1 @3]
      b                   [del x 0 @3]
      log  put x=1; del x; del x`,
  },
  {
    law: 'a delete counts what it deleted',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [del x 0 @2]
      log  put x=1; del x`,
    good: `
      a    [put x=1 @2] [del x 1 @3]
      log  put x=1; del x`,
  },
  {
    law: 'a read shows the record that stands there, not one of equal value',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [put x=1 @3] [get x=1:r2 @3]
      log  put x=1; put x=1`,
    good: `
      a    [put x=1 @2] [put x=1 @3] [get x=1:r3 @3]
      log  put x=1; put x=1`,
  },
  {
    law: 'a record that nobody touched keeps its revision',
    seenBy: 'search',
    bad: `
      a    [put x=1]
      b              [get x=1:r5] [get x=1:r6]`,
    good: `
      a    [put x=1]
      b              [get x=1:r5] [get x=1:r5]`,
  },
  {
    law: 'version counts the puts (skipped)',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [put x=2 @3] [get x=2:v3 @3]
      log  put x=1; put x=2`,
    good: `
      a    [put x=1 @2] [put x=2 @3] [get x=2:v2 @3]
      log  put x=1; put x=2`,
  },
  {
    law: 'a delete ends the life: version starts again',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [del x 1 @3] [put x=2 @4] [get x=2:v2 @4]
      log  put x=1; del x; put x=2`,
    good: `
      a    [put x=1 @2] [del x 1 @3] [put x=2 @4] [get x=2:v1 @4]
      log  put x=1; del x; put x=2`,
  },
  {
    law: 'a record keeps the revision of its creation',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [put x=2 @3] [get x=2:c3 @3]
      log  put x=1; put x=2`,
    good: `
      a    [put x=1 @2] [put x=2 @3] [get x=2:c2 @3]
      log  put x=1; put x=2`,
  },
  {
    law: 'the first put of a record creates it',
    seenBy: 'both',
    bad: `
      a    [put x=1 …)
      b                [get x=1:r2v1c3 @2]
      log  put x=1`,
    good: `
      a    [put x=1 …)
      b                [get x=1:r2v1c2 @2]
      log  put x=1`,
  },
  {
    law: 'a new life has a new creation',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [del x 1 @3] [put x=2 @4] [get x=2:c2 @4]
      log  put x=1; del x; put x=2`,
    good: `
      a    [put x=1 @2] [del x 1 @3] [put x=2 @4] [get x=2:c4 @4]
      log  put x=1; del x; put x=2`,
  },
];
