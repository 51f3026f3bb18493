/** Operations nobody heard of again: applied once, at any time after the call, or never. */
import type { BadHistory } from './bad-histories.ts';

export const BAD_UNKNOWN: readonly BadHistory[] = [
  {
    law: 'what was seen once does not vanish',
    seenBy: 'both',
    bad: `
      a    [put x=1 @2] [put x=2 …)
      b                             [get x=2 @3] [get x=1 @2]
      log  put x=1; put x=2`,
    good: `
      a    [put x=1 @2] [put x=2 …)
      b                             [get x=1 @2] [get x=2 @3]
      log  put x=1; put x=2`,
  },
  {
    law: 'an unheard put happens at most once',
    seenBy: 'both',
    bad: `
      a    [put x=1 …)
      b                [get x=1 @2] [put x=2 @3] [get x=1 @4]
      log  put x=1; put x=2; put x=1`,
    good: `
      a    [put x=1 …)
      b                [get x=1 @2] [put x=2 @3] [get x=2 @3]
      log  put x=1; put x=2`,
  },
  {
    law: 'an unheard put happens after its call',
    seenBy: 'both',
    bad: `
      a                     [put x=1 …)
      b       [get x=1 @2]
      log  put x=1`,
    good: `
      a         [put x=1 …)
      b       [get x=1 @2]
      log  put x=1`,
  },
  {
    law: 'an unheard put keeps to its condition',
    seenBy: 'search',
    bad: `
      a    [put x=1] [put x=2 if absent …)
      b                                    [get x=2]`,
    good: `
      a    [put x=1] [put x=2 if present …)
      b                                    [get x=2]`,
  },
  {
    law: 'an unheard increment adds once',
    seenBy: 'search',
    bad: `
      a    [inc x+1 …)
      b                [inc x+1 =2] [inc x+1 =4]`,
    good: `
      a    [inc x+1 …)
      b                [inc x+1 =2] [inc x+1 =3]`,
  },
  {
    law: 'of two unheard puts if absent, one can have happened',
    seenBy: 'search',
    bad: `
      a    [put x=1 if absent …)
      b    [put x=2 if absent …)
      c                          [get x=1] [get x=2]`,
    good: `
      a    [put x=1 if absent …)
      b    [put x=2 …)
      c                          [get x=1] [get x=2]`,
  },
  {
    law: 'an unheard delete deletes once',
    seenBy: 'search',
    bad: `
      a    [put x=1] [del x …)
      b                        [get x=none] [put x=2] [get x=none]`,
    good: `
      a    [put x=1] [del x …)
      b                        [get x=1] [put x=2] [get x=none]`,
  },
  {
    law: 'an unheard put counts in the version, even if overwritten unseen',
    seenBy: 'search',
    bad: `
      a    [put x=1] [put x=2 …)
      b                           [put x=3] [get x=3:v4]`,
    good: `
      a    [put x=1] [put x=2 …)
      b                           [put x=3] [get x=3:v3]`,
  },
  {
    law: 'an unheard range delete takes all of it',
    seenBy: 'search',
    bad: `
      a    [put x=1] [put y=1] [del a..z …)
      b                                     [get x=none y=1]`,
    good: `
      a    [put x=1] [put y=1] [del a..z …)
      b                                     [get x=none y=none]`,
  },
];
