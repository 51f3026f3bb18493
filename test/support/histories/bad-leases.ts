/** Keys that hang on leases: they go when those end, all at once, and only then. */
import type { BadHistory } from './bad-histories.ts';

export const BAD_LEASES: readonly BadHistory[] = [
  {
    law: 'the keys of a lease go at once',
    seenBy: 'both',
    bad: `
      a    [put x=1 on 7 @2] [put y=1 on 7 @3]
      b                                        [get x=none y=1:l7 @4]
      log  grant 7; put x=1 on 7; put y=1 on 7; expire 7`,
    good: `
      a    [put x=1 on 7 @2] [put y=1 on 7 @3]
      b                                        [get x=none y=none @4]
      log  grant 7; put x=1 on 7; put y=1 on 7; expire 7`,
  },
  {
    law: 'a key does not outlive its lease, whose end another key has shown',
    seenBy: 'both',
    bad: `
      a    [put x=1 on 7 @2] [put y=1 on 7 @3] [get x=none @4]
      b                                                        [get y=1:l7 @4]
      log  grant 7; put x=1 on 7; put y=1 on 7; expire 7`,
    good: `
      a    [put x=1 on 7 @2] [put y=1 on 7 @3] [get x=none @4]
      b                                                        [get y=none @4]
      log  grant 7; put x=1 on 7; put y=1 on 7; expire 7`,
  },
  {
    law: 'what went with its lease does not come back',
    seenBy: 'both',
    bad: `
      a    [put x=1 on 7 @2] [get x=none @3]
      b                                      [get x=1:l7 @3]
      log  grant 7; put x=1 on 7; expire 7`,
    good: `
      a    [put x=1 on 7 @2] [get x=none @3]
      b                                      [get x=none @3]
      log  grant 7; put x=1 on 7; expire 7`,
  },
  {
    law: 'nothing is hung on a lease that is gone',
    seenBy: 'both',
    bad: `
      a    [put x=1 on 7 @2] [get x=none @3] [put y=1 on 7 @4]
      log  grant 7; put x=1 on 7; expire 7; put y=1 on 7`,
    good: `
      a    [put x=1 on 7 @2] [get x=none @3] [put y=1 on 7 ! gone @3]
      log  grant 7; put x=1 on 7; expire 7; put y=1 on 7`,
  },
  {
    law: 'a transaction hangs nothing on a lease that is gone',
    seenBy: 'both',
    bad: `
      a    [put x=1 on 7 @2] [get x=none @3] [txn do y=1 z=1 on 7 yes @4]
      log  grant 7; put x=1 on 7; expire 7; txn do y=1 z=1 on 7`,
    good: `
      a    [put x=1 on 7 @2] [get x=none @3] [txn do y=1 z=1 on 7 ! gone @3]
      log  grant 7; put x=1 on 7; expire 7; txn do y=1 z=1 on 7`,
  },
  {
    law: 'the keys that a transaction hung on a lease go at once',
    seenBy: 'both',
    bad: `
      a    [txn do x=1 y=1 on 7 yes @2]
      b                                 [get x=1:l7 y=none @3]
      log  grant 7; txn do x=1 y=1 on 7; expire 7`,
    good: `
      a    [txn do x=1 y=1 on 7 yes @2]
      b                                 [get x=none y=none @3]
      log  grant 7; txn do x=1 y=1 on 7; expire 7`,
  },
  {
    law: 'a put without a lease takes the key from the one that it hung on',
    seenBy: 'both',
    bad: `
      a    [put x=1 on 7 @2] [put x=2 @3]
      b                                   [get x=none @4]
      log  grant 7; put x=1 on 7; put x=2; expire 7`,
    good: `
      a    [put x=1 on 7 @2] [put x=2 @3]
      b                                   [get x=2 @3]
      log  grant 7; put x=1 on 7; put x=2; expire 7`,
  },
  {
    law: 'a key goes with the lease that it was put with last, and with no other',
    seenBy: 'both',
    bad: `
      a    [put x=1 on 7 @2] [put x=2 on 8 @3] [get x=none @4] [put y=1 on 8 @4]
      log  grant 7; grant 8; put x=1 on 7; put x=2 on 8; expire 7; put y=1 on 8`,
    good: `
      a    [put x=1 on 7 @2] [put x=2 on 8 @3] [get x=2:l8 @3] [put y=1 on 8 @4]
      log  grant 7; grant 8; put x=1 on 7; put x=2 on 8; expire 7; put y=1 on 8`,
  },
  {
    law: 'what was put again and kept its lease goes with it',
    seenBy: 'both',
    bad: `
      a    [put x=1 on 7 @2] [put y=1 on 7 @3] [put x=2 keep @4]
      b                                                          [get x=2:l7 y=none @5]
      log  grant 7; put x=1 on 7; put y=1 on 7; put x=2 keep; expire 7`,
    good: `
      a    [put x=1 on 7 @2] [put y=1 on 7 @3] [put x=2 keep @4]
      b                                                          [get x=none y=none @5]
      log  grant 7; put x=1 on 7; put y=1 on 7; put x=2 keep; expire 7`,
  },
  {
    law: 'a counter keeps its lease when it counts',
    seenBy: 'both',
    bad: `
      a    [put n=1 on 7 @2] [inc n+1 =2 @3] [get n=2 @3]
      log  grant 7; put n=1 on 7; inc n+1`,
    good: `
      a    [put n=1 on 7 @2] [inc n+1 =2 @3] [get n=2:l7 @3]
      log  grant 7; put n=1 on 7; inc n+1`,
  },
  {
    law: 'what is deleted leaves its lease, and what comes after hangs on none',
    seenBy: 'both',
    bad: `
      a    [put x=1 on 7 @2] [del x 1 @3] [put x=2 keep @4] [get x=2:l7 @4]
      log  grant 7; put x=1 on 7; del x; put x=2 keep`,
    good: `
      a    [put x=1 on 7 @2] [del x 1 @3] [put x=2 keep @4] [get x=2 @4]
      log  grant 7; put x=1 on 7; del x; put x=2 keep`,
  },
  {
    law: 'a lease is not refused while a key hangs on it',
    seenBy: 'both',
    bad: `
      a    [put x=1 on 7 @2] [put y=1 on 7 ! gone @2] [get x=1:l7 @2]
      log  grant 7; put x=1 on 7; put y=1 on 7`,
    good: `
      a    [put x=1 on 7 @2] [put y=1 on 7 ! gone @3] [get x=none @3]
      log  grant 7; put x=1 on 7; expire 7; put y=1 on 7`,
  },
  {
    law: 'a lease that was refused is gone for good',
    seenBy: 'search',
    bad: `
      a    [put x=1 on 7 ! gone] [put x=1 on 7]`,
    good: `
      a    [put x=1 on 7] [del x 1] [put x=1 on 7 ! gone]`,
  },
  {
    law: 'a write that nobody heard of hangs nothing on a lease that is gone',
    seenBy: 'search',
    bad: `
      a    [put x=1 on 7 …)
      b    [put y=1 on 7] [get y=none] [get x=none] [get x=1:l7]`,
    good: `
      a    [put x=1 on 7 …)
      b    [put y=1 on 7] [get y=1:l7] [get x=none] [get x=1:l7]`,
  },
  {
    law: 'nothing hangs on a lease before it is granted',
    seenBy: 'both',
    bad: `
      a    [put x=1 on 7 @2] [grant 7 @1]
      log  put x=1 on 7; grant 7`,
    good: `
      a    [put x=1 on 7 @2]
      b    [grant 7 @1]
      log  grant 7; put x=1 on 7`,
  },
  {
    law: 'a lease takes all its keys with it when it is revoked',
    seenBy: 'both',
    bad: `
      a    [grant 7 @1] [put x=1 on 7 @2] [put y=1 on 7 @3] [revoke 7 1 @4]
      log  grant 7; put x=1 on 7; put y=1 on 7; revoke 7`,
    good: `
      a    [grant 7 @1] [put x=1 on 7 @2] [put y=1 on 7 @3] [revoke 7 2 @4]
      log  grant 7; put x=1 on 7; put y=1 on 7; revoke 7`,
  },
  {
    law: 'a revoke that nobody heard of takes the keys, or does nothing',
    seenBy: 'both',
    bad: `
      a    [put x=1 on 7 @2] [revoke 7 …)
      b                                   [get x=none @3] [put x=1 on 7 @4]
      log  grant 7; put x=1 on 7; revoke 7; put x=1 on 7`,
    good: `
      a    [put x=1 on 7 @2] [revoke 7 …)
      b                                   [get x=none @3] [put x=1 on 7 ! gone @3]
      log  grant 7; put x=1 on 7; revoke 7; put x=1 on 7`,
  },
  {
    law: 'a lease whose end was seen is not renewed',
    seenBy: 'both',
    bad: `
      a    [put x=1 on 7 @2] [get x=none @3] [renew 7 lives @3]
      log  grant 7; put x=1 on 7; expire 7; renew 7`,
    good: `
      a    [put x=1 on 7 @2] [get x=none @3] [renew 7 gone @3]
      log  grant 7; put x=1 on 7; expire 7; renew 7`,
  },
  {
    law: 'an id is granted once while its lease lives',
    seenBy: 'both',
    bad: `
      a    [grant 7 @1] [put x=1 on 7 @2] [grant 7 @2] [get x=1:l7 @2]
      log  grant 7; put x=1 on 7; grant 7`,
    good: `
      a    [grant 7 @1] [put x=1 on 7 @2] [grant 7 @3] [get x=none @3]
      log  grant 7; put x=1 on 7; expire 7; grant 7`,
  },
];
