import { expect, test } from 'vitest';

import type { PastQuery, TxnOperation } from '../../../src/kv/operation.ts';
import { decodeClientFrame, encodeClientMessages } from '../../../src/wire/client-codec.ts';
import type { ClientMessage } from '../../../src/wire/client-protocol.ts';
import { DEFAULT_LIMITS } from '../../../src/wire/defaults.ts';
import { decodeOperation, encodeOperation } from '../../../src/wire/operation-codec.ts';
import { plainBytes } from '../../support/plain-bytes.ts';
import { LIMITS } from './formats.ts';

const past: PastQuery = {
  type: 'past',
  revision: 0,
  read: {
    type: 'scan',
    range: { start: Uint8Array.of(1), end: Uint8Array.of(2) },
    limit: 3,
    reverse: false,
    keysOnly: true,
    countOnly: false,
  },
  filter: { minModRevision: 2 ** 40, maxModRevision: 0, minCreateRevision: 3, maxCreateRevision: 4 },
};

test('a filter of revisions arrives in a read as it was sent', () => {
  const read: ClientMessage = {
    type: 'read',
    id: 1,
    timeoutMs: 9,
    level: 'linearizable',
    minRevision: 0,
    query: past,
  };
  const decoded = decodeClientFrame(encodeClientMessages([read]), LIMITS);
  expect(plainBytes(decoded)).toEqual({ ok: true, value: [read] });
});

test('a filter of revisions arrives in a transaction as it was sent, and one cut short is refused', () => {
  const txn: TxnOperation = { type: 'txn', when: [], do: [past], otherwise: [] };
  const bytes = encodeOperation(txn);
  expect(decodeOperation(bytes, DEFAULT_LIMITS)).toEqual({ ok: true, value: txn });
  for (let length = 4; length < bytes.length; length += 1) {
    expect(decodeOperation(bytes.slice(0, length), DEFAULT_LIMITS).ok).toBe(false);
  }
});
