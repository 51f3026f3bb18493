/** Conditional writes, previous records, counters. */
import type { BadHistory } from './bad-histories.ts';

export const BAD_CONDITIONS: readonly BadHistory[] = [
  {
    law: 'of two puts if absent, one wins',
    seenBy: 'both',
    bad: `
      a    [put x=1 if absent @2]
      b    [put x=2 if absent @3]
      log  put x=1 if absent; put x=2 if absent`,
    good: `
      a    [put x=1 if absent @2]
      b    [put x=2 if absent ! 1 @2]
      log  put x=1 if absent; put x=2 if absent`,
  },
  {
    law: 'of two puts at one version, one wins (lost update)',
    seenBy: 'both',
    bad: `
      a    [put x=0 @2] [put x=1 if ver 1 @3]
      b                 [put x=2 if ver 1 @4]
      log  put x=0; put x=1 if ver 1; put x=2 if ver 1`,
    good: `
      a    [put x=0 @2] [put x=1 if ver 1 @3]
      b                 [put x=2 if ver 2 @4]
      log  put x=0; put x=1 if ver 1; put x=2 if ver 2`,
  },
  {
    law: 'a put at a revision fails once that was overwritten',
    seenBy: 'both',
    bad: `
      a    [put x=0 @2] [put x=1 @3] [put x=2 if rev 2 @4]
      log  put x=0; put x=1; put x=2 if rev 2`,
    good: `
      a    [put x=0 @2] [put x=1 @3] [put x=2 if rev 3 @4]
      log  put x=0; put x=1; put x=2 if rev 3`,
  },
  {
    law: 'a condition that holds is not refused',
    seenBy: 'both',
    bad: `
      a    [put x=0 @2] [put x=1 if present ! 0 @2]
      log  put x=0; put x=1 if present`,
    good: `
      a    [put x=0 @2] [put x=1 if absent ! 0 @2]
      log  put x=0; put x=1 if absent`,
  },
  {
    law: 'a refusal shows the record that stood in the way',
    seenBy: 'both',
    bad: `
      a    [put x=0 @2] [put x=1 @3] [put x=2 if absent ! 0 @3]
      log  put x=0; put x=1; put x=2 if absent`,
    good: `
      a    [put x=0 @2] [put x=1 @3] [put x=2 if absent ! 1 @3]
      log  put x=0; put x=1; put x=2 if absent`,
  },
  {
    law: 'what was refused has no effect',
    seenBy: 'both',
    bad: `
      a    [put x=0 @2] [put x=1 if absent ! 0 @2] [get x=1 @2]
      log  put x=0; put x=1 if absent`,
    good: `
      a    [put x=0 @2] [put x=1 if absent ! 0 @2] [get x=0 @2]
      log  put x=0; put x=1 if absent`,
  },
  {
    law: 'a delete keeps to its condition',
    seenBy: 'both',
    bad: `
      a    [put x=0 @2] [del x if ver 2 1 @3]
      log  put x=0; del x if ver 2`,
    good: `
      a    [put x=0 @2] [del x if ver 1 1 @3]
      log  put x=0; del x if ver 1`,
  },
  {
    law: 'absent is not revision 0',
    seenBy: 'both',
    bad: `
      a    [put x=0 if rev 0 @2]
      log  put x=0 if rev 0`,
    good: `
      a    [put x=0 if absent @2]
      log  put x=0 if absent`,
  },
  {
    law: 'a put returns the record that it replaced',
    seenBy: 'both',
    bad: `
      a    [put x=0 @2] [put x=1 @3] [put x=2 prev 0 @4]
      log  put x=0; put x=1; put x=2 prev`,
    good: `
      a    [put x=0 @2] [put x=1 @3] [put x=2 prev 1 @4]
      log  put x=0; put x=1; put x=2 prev`,
  },
  {
    law: 'no two puts replace one record',
    seenBy: 'search',
    bad: `
      a    [put x=0] [put x=1 prev 0]
      b              [put x=2 prev 0]`,
    good: `
      a    [put x=0] [put x=1 prev 0]
      b              [put x=2 prev 1]`,
  },
  {
    law: 'no two increments give one sum',
    seenBy: 'both',
    bad: `
      a    [inc x+1 =1 @2]
      b    [inc x+1 =1 @3]
      log  inc x+1; inc x+1`,
    good: `
      a    [inc x+1 =1 @2]
      b    [inc x+1 =2 @3]
      log  inc x+1; inc x+1`,
  },
  {
    law: 'an increment adds once',
    seenBy: 'both',
    bad: `
      a    [inc x+5 =5 @2] [get x=10 @2]
      log  inc x+5`,
    good: `
      a    [inc x+5 =5 @2] [get x=5 @2]
      log  inc x+5`,
  },
  {
    law: 'a counter that was deleted starts at 0',
    seenBy: 'both',
    bad: `
      a    [inc x+5 =5 @2] [del x 1 @3] [inc x+1 =6 @4]
      log  inc x+5; del x; inc x+1`,
    good: `
      a    [inc x+5 =5 @2] [del x 1 @3] [inc x+1 =1 @4]
      log  inc x+5; del x; inc x+1`,
  },
  {
    law: 'text is not a counter',
    seenBy: 'both',
    bad: `
      a    [put x=007 @2] [inc x+1 =8 @3]
      log  put x=007; inc x+1`,
    good: `
      a    [put x=007 @2] [inc x+1 ! text @2]
      log  put x=007; inc x+1`,
  },
  {
    law: 'a counter does not wrap around',
    seenBy: 'both',
    bad: `
      a    [put x=9223372036854775807 @2] [inc x+1 =-9223372036854775808 @3]
      log  put x=9223372036854775807; inc x+1`,
    good: `
      a    [put x=9223372036854775807 @2] [inc x+1 ! full 9223372036854775807 @2]
      log  put x=9223372036854775807; inc x+1`,
  },
  {
    law: 'an increment by 0 creates what is absent',
    seenBy: 'both',
    bad: `
      a    [inc x+0 =0 @2] [get x=none @2]
      log  inc x+0`,
    good: `
      a    [inc x+0 =0 @2] [get x=0 @2]
      log  inc x+0`,
  },
];
