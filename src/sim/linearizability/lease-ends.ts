/**
 * Leases end on their own, at times that no client is told. To the search that is a call that somebody may have made: a
 * lease that something can have hung on was perhaps revoked, at any time since it was first heard of, or never.
 *
 *     a     [put x=1 on 7]        [get x=none]
 *     time  [revoke 7 …)
 *
 * As often as the history has it granted. Where it has no grant of a lease, that was granted once, before anybody named
 * it: so it is with ids that the cluster makes, whether or not the grants were recorded.
 */
import type { Operation, TxnStep } from '../../kv/operation.ts';
import type { ClientOperation, History, WriteOperation } from './history.ts';
import { NO_LEASE } from './models/record.ts';

/** Of a lease: since when it may end, and how often at most. */
interface Life {
  sinceMs: number;
  grants: number;
}

export function leaseEnds(history: History): WriteOperation[] {
  const lives = [...livesIn(history)];
  const ends = lives.flatMap(([lease, { sinceMs, grants }]) =>
    Array.from({ length: Math.max(1, grants) }, () => ({ lease, sinceMs })),
  );
  return ends.map(({ lease, sinceMs }, at) => leaseEnd(lease, sinceMs, at));
}

/** Call ids of recorders are no negative numbers. `number`: different for each end of a history. */
export function leaseEnd(lease: bigint, sinceMs: number, number: number): WriteOperation {
  return {
    client: 'time',
    callId: -1 - number,
    callMs: sinceMs,
    returnMs: Infinity,
    type: 'write',
    operation: { type: 'leaseRevoke', id: lease },
    outcome: { type: 'unknown' },
  };
}

export function livesIn(history: History): ReadonlyMap<bigint, Life> {
  const lives = new Map<bigint, Life>();
  const heardOf = (lease: bigint, sinceMs: number): Life => {
    const life = lives.get(lease) ?? { sinceMs, grants: 0 };
    life.sinceMs = Math.min(life.sinceMs, sinceMs);
    lives.set(lease, life);
    return life;
  };
  for (const call of history) {
    if (call.type !== 'write') continue;
    for (const lease of leasesOfPuts(call.operation)) heardOf(lease, call.callMs);
    const granted = grantedBy(call);
    if (granted !== null) heardOf(granted, call.callMs).grants += 1;
  }
  return lives;
}

/** The lease that it may have granted; null where that is none, or one that nobody was told of. */
export function grantedBy(call: ClientOperation): bigint | null {
  if (call.type !== 'write' || call.operation.type !== 'leaseGrant') return null;
  const { outcome, operation } = call;
  if (outcome.type === 'ok') return outcome.output.type === 'leaseGrant' ? outcome.output.lease : null;
  return outcome.type === 'failed' || operation.id === NO_LEASE ? null : operation.id;
}

/** Those that its puts name. */
export function leasesOfPuts(step: Operation | TxnStep): readonly bigint[] {
  if (step.type === 'txn') return [...step.do, ...step.otherwise].flatMap(leasesOfPuts);
  const lease = step.type === 'put' ? (step.lease ?? NO_LEASE) : NO_LEASE;
  return lease === NO_LEASE || lease === 'keep' ? [] : [lease];
}
