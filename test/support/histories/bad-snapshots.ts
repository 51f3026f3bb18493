/** Several keys at once: one snapshot, all of it. */
import type { BadHistory } from './bad-histories.ts';

export const BAD_SNAPSHOTS: readonly BadHistory[] = [
  {
    law: 'getMany is one snapshot (fractured read)',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [put y=1 @3]
      b            [get x=none y=1 @3]
      log  put x=1; put y=1`,
    good: `
      a    [put x=1 @2] [put y=1 @3]
      b            [get x=1 y=none @2]
      log  put x=1; put y=1`,
  },
  {
    law: 'two snapshots agree on the order of two writes (long fork)',
    seenBy: 'search',
    bad: `
      a    [put x=1                         ]
      b    [put y=1                         ]
      c         [get x=1 y=none]
      d         [get x=none y=1]`,
    good: `
      a    [put x=1                         ]
      b    [put y=1                         ]
      c         [get x=1 y=none]
      d         [get x=none y=none]`,
  },
  {
    law: 'reads of single keys keep the order of writes to several (strict serializability)',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [put y=1 @3]
      b                              [scan a..z y=1 @3]
      log  put x=1; put y=1`,
    good: `
      a    [put x=1 @2] [put y=1 @3]
      b                              [scan a..z x=1 y=1 @3]
      log  put x=1; put y=1`,
  },
  {
    law: 'a scan shows no key that is not there (phantom)',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [scan a..z w=0 x=1 @2]
      log  put x=1`,
    good: `
      a    [put x=1 @2] [scan a..z x=1 @2]
      log  put x=1`,
  },
  {
    law: 'a scan of nothing shows nothing',
    seenBy: 'search',
    bad: `
      a    [scan a..z w=0]`,
    good: `
      a    [scan a..z]`,
  },
  {
    law: 'a scan goes by the order of keys',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [put y=2 @3] [scan a..z y=2 x=1 @3]
      log  put x=1; put y=2`,
    good: `
      a    [put x=1 @2] [put y=2 @3] [scan a..z reverse y=2 x=1 @3]
      log  put x=1; put y=2`,
  },
  {
    law: 'a range ends before its end',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [put y=2 @3] [scan a..y x=1 y=2 @3]
      log  put x=1; put y=2`,
    good: `
      a    [put x=1 @2] [put y=2 @3] [scan a..z x=1 y=2 @3]
      log  put x=1; put y=2`,
  },
  {
    law: 'a scan keeps its limit',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [put y=2 @3] [scan a..z limit 1 x=1 y=2 @3]
      log  put x=1; put y=2`,
    good: `
      a    [put x=1 @2] [put y=2 @3] [scan a..z limit 1 x=1 more @3]
      log  put x=1; put y=2`,
  },
  {
    law: 'a page says whether the range goes on',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [put y=2 @3] [scan a..z limit 1 x=1 @3]
      log  put x=1; put y=2`,
    good: `
      a    [put x=1 @2] [put y=2 @3] [scan a..z limit 1 x=1 more @3]
      log  put x=1; put y=2`,
  },
  {
    law: 'a count counts what is there',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [put y=2 @3] [count a..z 1 @3]
      log  put x=1; put y=2`,
    good: `
      a    [put x=1 @2] [put y=2 @3] [count a..z 2 @3]
      log  put x=1; put y=2`,
  },
  {
    law: 'a range delete leaves nothing behind',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [put y=2 @3] [del a..z 2 @4] [get y=2 @4]
      log  put x=1; put y=2; del a..z`,
    good: `
      a    [put x=1 @2] [put y=2 @3] [del a..z 2 @4] [get y=none @4]
      log  put x=1; put y=2; del a..z`,
  },
  {
    law: 'a range delete is seen whole or not at all (split)',
    seenBy: 'search',
    bad: `
      a    [put x=1] [put y=2] [del a..z 2                  ]
      b                        [get x=none y=2]`,
    good: `
      a    [put x=1] [put y=2] [del a..z 2                  ]
      b                        [get x=1 y=2]`,
  },
  {
    law: 'a range delete spares what is outside',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [put y=2 @3] [del a..y 1 @4] [get y=none @4]
      log  put x=1; put y=2; del a..y`,
    good: `
      a    [put x=1 @2] [put y=2 @3] [del a..y 1 @4] [get y=2 @4]
      log  put x=1; put y=2; del a..y`,
  },
];
