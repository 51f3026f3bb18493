import { expect, test } from 'vitest';
import { connect, QuorateError } from '../../../src/client/index.ts';
import { StoreNode } from './store-node.ts';

async function failureOf(call: Promise<unknown>): Promise<QuorateError> {
  const error: unknown = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (QuorateError.is(error)) return error;
  throw new Error('the call did not fail');
}

test('what became of a write that nobody heard of can be asked: applied with its result, or never', async () => {
  await using store = await StoreNode.start();
  await using db = await connect(store.node.url);
  await db.increment('n');
  store.answers = ({ type }) => type !== 'increment';
  const unheard = await failureOf(db.increment('n', 5n, { timeoutMs: 200 }));
  expect(unheard).toMatchObject({ code: 'TIMEOUT', outcome: 'unknown' });
  expect(await db.resolve(unheard)).toMatchObject({ outcome: 'applied', result: { value: 6n } });
  // One that did not come: the next number of the session.
  const [session, sequence] = (unheard.details.operation ?? '').split('/');
  const never = `${session}/${Number(sequence) + 1}`;
  expect(await db.resolve(never)).toEqual({ outcome: 'not-applied', error: undefined });
  store.answers = () => true;
  expect(await failureOf(db.increment('n'))).toMatchObject({
    code: 'RESOLVED_NEVER',
    outcome: 'not-applied',
  });
  expect((await db.get('n'))?.text()).toBe('6');
});

test('a refusal that nobody heard of is told with its reason; what is no unknown write cannot be resolved', async () => {
  await using store = await StoreNode.start();
  await using db = await connect(store.node.url);
  await db.put('a', '1');
  store.answers = ({ type }) => type !== 'put';
  const unheard = await failureOf(db.put('a', '2', { ifAbsent: true, timeoutMs: 200 }));
  const resolved = await db.resolve(unheard);
  expect(resolved).toMatchObject({ outcome: 'not-applied', error: { code: 'CONFLICT' } });
  expect(await failureOf(db.resolve('nonsense'))).toMatchObject({ code: 'INVALID_ARGUMENT' });
  expect(await failureOf(db.resolve(new QuorateError('CONFLICT', 'no')))).toMatchObject({
    code: 'INVALID_ARGUMENT',
  });
});

test('a write that came twice to a session that is gone is told as unknown', async () => {
  await using store = await StoreNode.start();
  await using db = await connect(store.node.url);
  await db.increment('n');
  let copies = 0;
  store.answers = ({ type }) => {
    if (type !== 'increment') return true;
    copies += 1;
    return false;
  };
  const unheard = await failureOf(db.increment('n', 1n, { timeoutMs: 200 }));
  expect(copies).toBe(1);
  const session = BigInt((unheard.details.operation ?? '').split('/')[0] ?? '');
  store.apply({ type: 'sessionClose', id: session });
  expect(await failureOf(db.resolve(unheard))).toMatchObject({ code: 'SESSION_EXPIRED', outcome: 'unknown' });
  store.answers = () => true;
  // The next write was sent once only: it goes into a new session by itself.
  expect(await db.increment('n')).toMatchObject({ value: 3n });
});

test('leases through the SDK: keys hang on them, are asked for, and go with them', async () => {
  await using store = await StoreNode.start();
  await using db = await connect(store.node.url);
  const lease = await db.lease({ ttlMs: 10_000 });
  await db.put('a', '1', { lease });
  await db.put('b', '2', { lease: lease.id });
  await db.put('b', '3', { keepLease: true });
  await db.txn({ do: [{ put: 'c', value: '4', lease }] });
  expect((await db.get('b'))?.lease).toBe(lease.id);
  expect(await db.leases.get(lease.id)).toMatchObject({ ttlMs: 10_000, keyCount: 3, keys: ['a', 'b'] });
  const others = [
    await db.leases.grant({ ttlMs: 500, id: 7n }),
    await db.leases.grant({ ttlMs: 500, id: 8n }),
  ];
  const listed: bigint[] = [];
  for await (const { id } of db.leases.list()) listed.push(id);
  expect(listed).toEqual([7n, 8n, lease.id].toSorted((a, b) => Number(a - b)));
  expect(others).toEqual([7n, 8n]);
  expect(await db.leases.renew(7n)).toBe(500);
  expect(await lease.revoke()).toBe(3);
  expect(await db.get('a')).toBeUndefined();
  expect(await db.leases.get(lease.id)).toBeUndefined();
  const { signal } = new AbortController();
  expect(await failureOf(db.leases.renew(99n, { signal }))).toMatchObject({ code: 'LEASE_NOT_FOUND' });
  expect(await failureOf(db.leases.revoke(99n))).toMatchObject({ code: 'LEASE_NOT_FOUND' });
  expect(await failureOf(db.leases.grant({ ttlMs: 500, id: 7n }))).toMatchObject({ code: 'LEASE_EXISTS' });
  expect(await failureOf(db.put('a', '1', { lease: 99n }))).toMatchObject({ code: 'LEASE_NOT_FOUND' });
});

test('more leases than the cluster holds are refused, with how many that is', async () => {
  await using store = await StoreNode.start();
  await using db = await connect(store.node.url);
  for (let id = 1n; id <= 100_000n; id += 1n) store.apply({ type: 'leaseGrant', id, ttlMs: 1_000 });
  expect(await failureOf(db.leases.grant({ ttlMs: 1_000 }))).toMatchObject({
    code: 'TOO_MANY_LEASES',
    outcome: 'not-applied',
    retryable: true,
    details: { limit: 100_000 },
  });
  await db.leases.revoke(1n);
  expect(await db.leases.grant({ ttlMs: 1_000 })).not.toBe(0n);
});

test('a lease that is held is lost when the client is closed', async () => {
  await using store = await StoreNode.start();
  const db = await connect(store.node.url);
  const lease = await db.lease({ ttlMs: 10_000 });
  await db.close();
  expect(lease.lost.reason).toMatchObject({ code: 'CLOSED' });
});
