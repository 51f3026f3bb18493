/** What the commands about leases do, once arguments are read and a cluster is there. */
import type { Db, LeaseState } from '../client/index.ts';
import { QuorateError } from '../server/terms.ts';
import { cellOf } from './bytes-text.ts';
import type { Output, Shown } from './output.ts';

export async function grant(
  db: Db,
  out: Output,
  { ttlMs, id }: { readonly ttlMs: number; readonly id: bigint | undefined },
): Promise<void> {
  const lease = await db.leases.grant({ ttlMs, id });
  const json = { lease: lease.toString(), ttlMs };
  await out.one({ json, raw: lease.toString(), cells: [`lease ${lease}, which lives ${ttlMs} ms`] });
}

export async function renew(db: Db, out: Output, id: bigint): Promise<void> {
  const ttlMs = await db.leases.renew(id);
  await out.one({ json: { lease: id.toString(), ttlMs }, raw: String(ttlMs), cells: [`lives ${ttlMs} ms`] });
}

export async function revoke(db: Db, out: Output, id: bigint): Promise<void> {
  const deleted = await db.leases.revoke(id);
  const sentence = `revoked, with ${deleted} ${deleted === 1 ? 'key' : 'keys'}`;
  await out.one({ json: { lease: id.toString(), deleted }, raw: String(deleted), cells: [sentence] });
}

const COLUMNS = ['LEASE', 'LIVES', 'LEFT', 'KEYS'];

export async function list(db: Db, out: Output): Promise<void> {
  await out.many(COLUMNS, shown(db.leases.list()));
}

async function* shown(leases: AsyncIterable<LeaseState>): AsyncGenerator<Shown> {
  for await (const lease of leases) yield formsOf(lease);
}

export async function show(db: Db, out: Output, id: bigint): Promise<void> {
  const lease = await db.leases.get(id);
  if (lease === undefined) throw new QuorateError('LEASE_NOT_FOUND', `there is no lease ${id}`);
  const { json, raw, cells } = formsOf(lease);
  const named = { ...json, keys: lease.keys };
  await out.one(
    { json: named, raw, cells: [...cells, lease.keys.map((key) => cellOf(Buffer.from(key))).join(' ')] },
    [...COLUMNS, 'WHICH'],
  );
}

function formsOf({ id, ttlMs, remainingMs, keyCount }: LeaseState): Shown & { readonly json: object } {
  return {
    json: { lease: id.toString(), ttlMs, remainingMs, keyCount },
    raw: id.toString(),
    cells: [id.toString(), `${ttlMs} ms`, `${remainingMs} ms`, String(keyCount)],
  };
}
