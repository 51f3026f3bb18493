/** What is done to leases themselves. Times to live are not judged: only whether there is such a lease. */
import { hangingOn, isThere, thatHasNo, withEnded, withGranted } from './keyspace-state.ts';
import type { KeyspaceState } from './keyspace-state.ts';
import type { KeyspaceInput, KeyspaceOutput } from './keyspace-forms.ts';
import { NO_LEASE } from './record.ts';

export type LeaseInput = Extract<KeyspaceInput, { type: 'leaseGrant' | 'leaseRenew' | 'leaseRevoke' }>;

export function answeredLease(
  state: KeyspaceState,
  input: LeaseInput,
  output: KeyspaceOutput,
): KeyspaceState | null {
  switch (input.type) {
    case 'leaseGrant':
      return answeredGrant(state, input.lease, output);
    case 'leaseRenew':
      return output.type === 'leaseRenew' ? answeredRenew(state, input.leases, output.ttlsMs) : null;
    case 'leaseRevoke': {
      const { lease } = input;
      if (output.type === 'leaseNotFound') return output.lease === lease ? thatHasNo(state, lease) : null;
      if (output.type !== 'leaseRevoke' || !isThere(state, lease)) return null;
      return output.deleted === hangingOn(state, lease) ? withEnded(state, lease) : null;
    }
  }
}

function answeredGrant(state: KeyspaceState, asked: bigint, output: KeyspaceOutput): KeyspaceState | null {
  const chosen = asked !== NO_LEASE;
  if (output.type === 'leaseExists') return output.lease === asked && isThere(state, asked) ? state : null;
  if (output.type === 'tooManyLeases') return chosen ? thatHasNo(state, asked) : state;
  if (output.type !== 'leaseGrant' || (chosen && output.lease !== asked)) return null;
  const free = thatHasNo(state, output.lease);
  return free === null ? null : withGranted(free, output.lease);
}

function answeredRenew(
  state: KeyspaceState,
  asked: readonly bigint[],
  ttlsMs: readonly number[],
): KeyspaceState | null {
  if (asked.length !== ttlsMs.length) return null;
  let after: KeyspaceState | null = state;
  for (const [place, lease] of asked.entries()) {
    if (after === null) return null;
    if (ttlsMs[place] === 0) after = thatHasNo(after, lease);
    else if (!isThere(after, lease)) return null;
  }
  return after;
}

/** Null where nothing comes of it, or nothing that anybody could see. */
export function unheardLease(state: KeyspaceState, input: LeaseInput): KeyspaceState | null {
  switch (input.type) {
    case 'leaseGrant':
      if (input.lease === NO_LEASE || isThere(state, input.lease)) return null;
      return withGranted(state, input.lease);
    case 'leaseRenew':
      return null;
    case 'leaseRevoke':
      if (!isThere(state, input.lease) || hangingOn(state, input.lease) === 0) return null;
      return withEnded(state, input.lease);
  }
}
