/** What only the log gives away: no client has noticed, or could. */
import type { BadHistory } from './bad-histories.ts';

export const BAD_LOGS: readonly BadHistory[] = [
  {
    law: 'what was acknowledged is in the log',
    seenBy: 'witness',
    bad: `
      a    [put x=1 @2] [put x=2 @3]
      log  put x=1`,
    good: `
      a    [put x=1 @2] [put x=2 @3]
      log  put x=1; put x=2`,
  },
  {
    law: 'no revision is used twice',
    seenBy: 'witness',
    bad: `
      a    [put x=1 @2]
      b    [put y=1 @2]
      log  put x=1; put y=1`,
    good: `
      a    [put x=1 @2]
      b    [put y=1 @3]
      log  put x=1; put y=1`,
  },
  {
    law: 'revisions have no gaps',
    seenBy: 'witness',
    bad: `
      a    [put x=1 @2] [put x=2 @4]
      log  put x=1; put x=2`,
    good: `
      a    [put x=1 @2] [put x=2 @3]
      log  put x=1; put x=2`,
  },
  {
    law: 'what was asked for once is applied once',
    seenBy: 'witness',
    bad: `
      a    [put x=1 @2] [put x=2 @4]
      log  put x=1; put x=1; put x=2`,
    good: `
      a    [put x=1 @2] [put x=2 @3]
      log  put x=1; put x=2`,
  },
  {
    law: 'what failed is not in the log',
    seenBy: 'witness',
    bad: `
      a    [put x=1 @2] [put x=2 failed]
      log  put x=1; put x=2`,
    good: `
      a    [put x=1 @2] [put x=2 …)
      log  put x=1; put x=2`,
  },
  {
    law: 'nothing comes from nowhere',
    seenBy: 'witness',
    bad: `
      a    [put x=1 @2]
      log  put x=1; put y=9`,
    good: `
      a    [put x=1 @2]
      log  put x=1`,
  },
  {
    law: 'the log keeps real time',
    seenBy: 'witness',
    bad: `
      a    [put x=1 @3]
      b                 [put x=2 @2]
      log  put x=2; put x=1`,
    good: `
      a    [put x=1 @3]
      b               [put x=2 @2]
      log  put x=2; put x=1`,
  },
  {
    law: 'a read is not from before what had finished, even if the value is the same',
    seenBy: 'witness',
    bad: `
      a    [put x=1 @2] [put y=1 @3] [get x=1 @2]
      log  put x=1; put y=1`,
    good: `
      a    [put x=1 @2] [put y=1 @3] [get x=1 @3]
      log  put x=1; put y=1`,
  },
  {
    law: 'an unheard write stands in the log once',
    seenBy: 'witness',
    bad: `
      a    [put x=1 …)
      log  put x=1; put x=1`,
    good: `
      a    [put x=1 …)
      log  put x=1`,
  },
  {
    law: 'an unheard write stands behind what had finished when it was called',
    seenBy: 'witness',
    bad: `
      a    [put x=1 @3]
      b                 [put y=1 …)
      log  put y=1; put x=1`,
    good: `
      a    [put x=1 @2]
      b                 [put y=1 …)
      log  put x=1; put y=1`,
  },
  {
    law: 'a refusal is what the log says it was',
    seenBy: 'witness',
    bad: `
      a    [put x=1 @2] [put x=2 if ver 1 ! 1 @2]
      b    [put x=3 …)
      log  put x=1; put x=2 if ver 1`,
    good: `
      a    [put x=1 @2] [put x=2 if ver 1 ! 3 @3]
      b    [put x=3 …)
      log  put x=1; put x=3; put x=2 if ver 1`,
  },
  {
    law: 'a local read is true of the revision it states',
    seenBy: 'witness',
    bad: `
      a    [put x=1 @2] [put x=2 @3]
      b                              [local x=2 @2]
      log  put x=1; put x=2`,
    good: `
      a    [put x=1 @2] [put x=2 @3]
      b                              [local x=1 @2]
      log  put x=1; put x=2`,
  },
  {
    law: 'a local read is old at worst, not from the future',
    seenBy: 'witness',
    bad: `
      a                     [put x=1 @2]
      b      [local x=1 @2]
      log  put x=1`,
    good: `
      a                   [put x=1 @2]
      b      [local x=1 @2]
      log  put x=1`,
  },
  {
    law: 'a read is of the level asked for',
    seenBy: 'witness',
    bad: `
      a    [put x=1 @2] [weak x=1 @2]
      log  put x=1`,
    good: `
      a    [put x=1 @2] [local x=1 @2]
      log  put x=1`,
  },
  {
    law: 'a read keeps its least revision',
    seenBy: 'witness',
    bad: `
      a    [put x=1 @2] [put x=2 @3] [min 3 local x=1 @2]
      log  put x=1; put x=2`,
    good: `
      a    [put x=1 @2] [put x=2 @3] [min 2 local x=1 @2]
      log  put x=1; put x=2`,
  },
  {
    law: 'a read of the past is true of it',
    seenBy: 'witness',
    bad: `
      a    [put x=1 @2] [put x=2 @3] [as of 2 get x=2 @3]
      log  put x=1; put x=2`,
    good: `
      a    [put x=1 @2] [put x=2 @3] [as of 2 get x=1 @3]
      log  put x=1; put x=2`,
  },
  {
    law: 'the past below the floor is refused',
    seenBy: 'witness',
    bad: `
      a    [put x=1 @2] [put x=2 @3] [compact 3 @3] [put y=1 @4] [as of 2 get x=1 @4]
      log  put x=1; put x=2; compact 3; put y=1`,
    good: `
      a    [put x=1 @2] [put x=2 @3] [compact 3 @3] [put y=1 @4] [as of 3 get x=2 @4]
      log  put x=1; put x=2; compact 3; put y=1`,
  },
  {
    law: 'the past is readable above the floor',
    seenBy: 'witness',
    bad: `
      a    [put x=1 @2] [put x=2 @3] [compact 2 @3] [as of 2 get x ! compacted 2 @3]
      log  put x=1; put x=2; compact 2`,
    good: `
      a    [put x=1 @2] [put x=2 @3] [compact 3 @3] [as of 2 get x ! compacted 3 @3]
      log  put x=1; put x=2; compact 3`,
  },
  {
    law: 'the future is refused only while it is the future',
    seenBy: 'witness',
    bad: `
      a    [put x=1 @2] [as of 2 get x ! future 2 @2]
      log  put x=1`,
    good: `
      a    [put x=1 @2] [as of 3 get x ! future 2 @2]
      log  put x=1`,
  },
  {
    law: 'terms do not go back along the log',
    seenBy: 'witness',
    bad: `
      a    [put x=1 @2] [put x=2 @3]
      log  4/2 put x=1; 5/1 put x=2`,
    good: `
      a    [put x=1 @2] [put x=2 @3]
      log  4/2 put x=1; 5/2 put x=2`,
  },
  {
    law: 'an index is committed once',
    seenBy: 'witness',
    bad: `
      a    [put x=1 @2] [put x=2 @3]
      log  4/1 put x=1; 4/1 put x=2`,
    good: `
      a    [put x=1 @2] [put x=2 @3]
      log  4/1 put x=1; 5/1 put x=2`,
  },
];
