/** What the commands about leases do, once arguments are read and a cluster is there. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Db, LeaseState } from '../client/index.ts';
import { keyBytes } from '../client/keys.ts';
import { RENEWALS_PER_TTL } from '../client/lease.ts';
import { QuorateError } from '../server/terms.ts';
import { cellOf, jsonOf } from './bytes-text.ts';
import type { Output, Shown } from './output.ts';

/** What a timer takes; a lease may live for longer. */
const PAUSE_MS_MAX = 2 ** 31 - 1;

export async function grant(
  db: Db,
  out: Output,
  { ttlMs, id }: { readonly ttlMs: number; readonly id: bigint | undefined },
): Promise<void> {
  const lease = await db.leases.grant({ ttlMs, id });
  const json = { lease: lease.toString(), ttlMs };
  await out.one({ json, raw: lease.toString(), cells: [`lease ${lease}, which lives ${ttlMs} ms`] });
}

/** Gives what the lease lives from now on. */
export async function renew(db: Db, out: Output, id: bigint): Promise<number> {
  const ttlMs = await db.leases.renew(id);
  await out.one({ json: { lease: id.toString(), ttlMs }, raw: String(ttlMs), cells: [`lives ${ttlMs} ms`] });
  return ttlMs;
}

/**
 * Until it is interrupted, or the cluster says that there is no such lease. The handle of `db.lease` gives up sooner,
 * once its holder can no longer rely on the lease: a failover may take longer than a lease lives, and ends none.
 */
export async function keepAlive(
  db: Db,
  out: Output,
  id: bigint,
  interrupt: AbortSignal | null,
): Promise<void> {
  if (interrupt === null) throw endless();
  try {
    for (;;) {
      const pauseMs = (await renew(db, out, id)) / RENEWALS_PER_TTL;
      await pause(Math.min(pauseMs, PAUSE_MS_MAX), undefined, { signal: interrupt });
    }
  } catch (error) {
    if (!interrupt.aborted) throw error;
  }
}

function endless(): QuorateError {
  return new QuorateError('INVALID_ARGUMENT', 'nothing but the end of the demo would interrupt it', {
    details: { hint: 'lease keep-alive ID --once renews it once; without --once in another terminal' },
  });
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
  const keys = lease.keys.map((key) => keyBytes(key, undefined));
  await out.one(
    { json: { ...json, keys: keys.map(jsonOf) }, raw, cells: [...cells, keys.map(cellOf).join(' ')] },
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
