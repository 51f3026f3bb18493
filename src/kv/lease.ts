/** What is done to leases, and what can be asked about them. */
import { unreachable } from './assert.ts';
import { textBytes } from './key-text.ts';
import { LEASES_MAX, type Lease } from './lease-table.ts';
import type { Failure, LeaseInfo, LeaseOperation, LeaseQuery, LeaseResult, Reply } from './operation.ts';
import type { PageLimits } from './state-machine.ts';
import type { State } from './state.ts';

export function performLeaseOperation(state: State, operation: LeaseOperation): Reply {
  switch (operation.type) {
    case 'leaseGrant':
      return grant(state, operation.id, operation.ttlMs);
    case 'leaseRenew': {
      const ttlsMs = operation.ids.map((id) => renew(state, id));
      return { type: 'leaseRenew', revision: state.revision, ttlsMs };
    }
    case 'leaseRevoke':
      return revoke(state, operation.id);
    case 'leaseExpire':
      return expire(state, operation.ids, operation.term);
    default:
      return unreachable(operation);
  }
}

function grant(state: State, chosen: bigint, ttlMs: number): Reply {
  const { leases } = state.tables;
  const lease = chosen === 0n ? state.madeId((id) => leases.find(id) !== null) : chosen;
  if (leases.find(lease) !== null) return fail(state, { code: 'LEASE_EXISTS', lease });
  if (leases.size >= LEASES_MAX) return fail(state, { code: 'TOO_MANY_LEASES', limit: LEASES_MAX });
  leases.grant(lease, ttlMs, state.clusterTimeMs + ttlMs);
  return { type: 'leaseGrant', revision: state.revision, lease, ttlMs };
}

function renew(state: State, id: bigint): number {
  const lease = state.tables.leases.find(id);
  if (lease === null) return 0;
  state.tables.leases.renew(id, state.clusterTimeMs + lease.ttlMs);
  return lease.ttlMs;
}

function revoke(state: State, id: bigint): Reply {
  const lease = state.tables.leases.find(id);
  if (lease === null) return fail(state, { code: 'LEASE_NOT_FOUND', lease: id });
  const deleted = end(state, lease);
  return { type: 'leaseRevoke', revision: state.revision, deleted };
}

/** The leader's word on which are due is of an earlier state: those renewed since are not. */
function expire(state: State, ids: readonly bigint[], term: number): Reply {
  const { leases } = state.tables;
  const expired: bigint[] = [];
  let deleted = 0;
  for (const id of term === state.term ? ids : []) {
    const lease = leases.find(id);
    if (lease === null || lease.deadlineMs > state.clusterTimeMs) continue;
    state.beginChange();
    deleted += end(state, lease);
    expired.push(id);
  }
  return { type: 'leaseExpire', revision: state.revision, expired, deleted };
}

/** With all its keys, which are removed in their order as one revision; gives how many there were. */
function end(state: State, lease: Lease): number {
  const { records, leases } = state.tables;
  const texts = [...lease.keys].toSorted();
  for (const text of texts) records.remove(text, records.rowOf(text), state.revisionOfChange());
  leases.remove(lease.id);
  return texts.length;
}

function fail(state: State, failure: Failure): Reply {
  return { type: 'failure', revision: state.revision, failure };
}

export function answerLeaseQuery(state: State, query: LeaseQuery, limits: PageLimits): LeaseResult {
  const { leases } = state.tables;
  if (query.type === 'leaseInspect') {
    const lease = leases.find(query.id);
    if (lease === null) return { type: 'leaseInspect', lease: null, keys: [] };
    const texts = [...lease.keys].toSorted().slice(0, limits.pageRecordsMax);
    return { type: 'leaseInspect', lease: infoOf(state, lease), keys: texts.map(textBytes) };
  }
  const { limit, after } = query;
  const max = limit === 0 ? limits.pageRecordsMax : Math.min(limit, limits.pageRecordsMax);
  // One more than the page holds tells whether the list goes on.
  const ids = leases.idsAfter(after, max + 1);
  const found = ids.slice(0, max).map((id) => leases.find(id));
  const infos = found.filter((lease) => lease !== null).map((lease) => infoOf(state, lease));
  return { type: 'leaseList', leases: infos, more: ids.length > max };
}

function infoOf({ clusterTimeMs }: State, { id, ttlMs, deadlineMs, keys }: Lease): LeaseInfo {
  return { id, ttlMs, remainingMs: Math.max(0, deadlineMs - clusterTimeMs), keyCount: keys.size };
}
