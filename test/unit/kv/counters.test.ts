import { describe, expect, test } from 'vitest';

import { parseCounter, printCounter } from '../../../src/kv/counter.ts';
import { bytes, increment, put, Store, text } from './store.ts';

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);

test('an absent key counts as 0, and the sum is stored as digits that a get prints', () => {
  const store = new Store();
  const replies = store.run(increment('hits', 5n), increment('hits', -7n), increment('hits', 2n));
  expect(replies).toEqual([
    { type: 'increment', revision: 2, value: 5n },
    { type: 'increment', revision: 3, value: -2n },
    { type: 'increment', revision: 4, value: 0n },
  ]);
  expect(text(store.get('hits')?.value ?? bytes('nothing'))).toBe('0');
});

test('by 0 creates an absent counter, which is a change, and leaves one that exists as it was', () => {
  const store = new Store();
  expect(store.reply(increment('n', 0n))).toEqual({ type: 'increment', revision: 2, value: 0n });
  const before = store.get('n');
  expect(store.reply(increment('n', 0n))).toEqual({ type: 'increment', revision: 2, value: 0n });
  expect(store.get('n')).toEqual(before);
});

test('a put of digits is a counter from then on', () => {
  const store = new Store();
  store.run(put('n', MIN.toString()));
  expect(store.reply(increment('n', MAX))).toMatchObject({ value: -1n });
});

test.each([
  [MAX, 1n],
  [MIN, -1n],
  [1n, MAX],
  [-1n, MIN],
])(
  '%s and %s do not fit in 64 bits together: nothing is written, the answer says what stands',
  (value, by) => {
    const store = new Store();
    store.run(put('n', value.toString()));
    const before = store.get('n');
    const failure = { code: 'COUNTER_OVERFLOW', value };
    expect(store.reply(increment('n', by))).toEqual({ type: 'failure', revision: 2, failure });
    expect(store.get('n')).toEqual(before);
  },
);

test('both ends of the 64-bit range are reached', () => {
  const store = new Store();
  expect(store.run(increment('up', MAX), increment('down', MIN))).toMatchObject([
    { value: MAX },
    { value: MIN },
  ]);
});

describe('one number has one spelling', () => {
  const others = [
    '',
    '-',
    '+1',
    '01',
    '-0',
    '00',
    '-01',
    '1 ',
    ' 1',
    '1\n',
    '1.0',
    '1e3',
    '0x1',
    'abc',
    '１',
  ];
  const tooLarge = ['9223372036854775808', '-9223372036854775809', '99999999999999999999', '1'.repeat(500)];

  test.each([...others, ...tooLarge])('%j is not a counter, and an increment leaves it alone', (value) => {
    const store = new Store();
    store.run(put('n', value));
    expect(store.reply(increment('n', 1n))).toEqual({
      type: 'failure',
      revision: 2,
      failure: { code: 'NOT_A_COUNTER' },
    });
    expect(store.get('n')).toMatchObject({ value: bytes(value), version: 1 });
  });

  test.each([0n, 1n, -1n, 10n, MAX, MIN])('%s is read back as it is printed', (counter) => {
    expect(parseCounter(printCounter(counter))).toBe(counter);
  });
});
