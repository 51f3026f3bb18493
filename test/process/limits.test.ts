import { expect, test } from 'vitest';

import { caughtUp, stateOf } from '../support/agreement.ts';
import { startCluster } from '../support/cluster.ts';

const KEY_BYTES_MAX = 4 * 1024;
const VALUE_BYTES_MAX = 1024 * 1024;

test('keys and values up to the limit are kept, over it they are refused by name and nothing changes', async () => {
  await using cluster = await startCluster();
  const db = await cluster.connect();
  const longKey = 'k'.repeat(KEY_BYTES_MAX);
  const bigValue = new Uint8Array(VALUE_BYTES_MAX).fill(7);
  await db.put(longKey, bigValue);
  const kept = await db.get(longKey);
  expect(Buffer.compare(kept?.value ?? Buffer.of(), bigValue)).toBe(0);
  const before = (await caughtUp(cluster)).map(stateOf);

  const refused = { outcome: 'not-applied', retryable: false };
  await expect(db.put(`${longKey}k`, 'x')).rejects.toMatchObject({ code: 'KEY_TOO_LARGE', ...refused });
  await expect(db.get(`${longKey}k`)).rejects.toMatchObject({ code: 'KEY_TOO_LARGE', ...refused });
  await expect(db.put('x', new Uint8Array(VALUE_BYTES_MAX + 1))).rejects.toMatchObject({
    code: 'VALUE_TOO_LARGE',
    ...refused,
  });
  await expect(db.put('', 'x')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', ...refused });

  // Around the SDK, which may check before it sends: the node refuses as well.
  const [node] = cluster.nodes;
  const url = (key: string): string => `http://${node?.client}/v1/kv/${key}`;
  const overKey = await fetch(url(`${longKey}k`), { method: 'PUT', body: 'x' });
  expect(overKey.status).toBe(413);
  expect(await overKey.json()).toMatchObject({ code: 'KEY_TOO_LARGE' });
  const overValue = await fetch(url('x'), { method: 'PUT', body: new Uint8Array(VALUE_BYTES_MAX + 1) });
  expect(overValue.status).toBe(413);
  expect(await overValue.json()).toMatchObject({ code: 'VALUE_TOO_LARGE' });

  expect((await caughtUp(cluster)).map(stateOf)).toEqual(before);
});
