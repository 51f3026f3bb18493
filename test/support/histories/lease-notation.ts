/** What is done with leases and to them, in a drawing; notation.ts has the grammar. */
import type { LeaseOperation, PutOperation, Reply } from '../../../src/kv/operation.ts';
import type { Words } from './words.ts';

export const LEASE_VERBS: readonly string[] = ['grant', 'renew', 'revoke', 'expire'];

/** An entry of a drawn log is a millisecond. */
const TTL_MS = 1;

export function leaseWanted(words: Words): Pick<PutOperation, 'lease'> {
  if (words.takeIf('keep')) return { lease: 'keep' };
  return words.takeIf('on') ? { lease: BigInt(words.take()) } : {};
}

export function leaseStep(verb: string, words: Words): LeaseOperation {
  const id = BigInt(words.take());
  switch (verb) {
    case 'grant':
      return { type: 'leaseGrant', id, ttlMs: TTL_MS };
    case 'renew':
      return { type: 'leaseRenew', ids: [id] };
    case 'revoke':
      return { type: 'leaseRevoke', id };
    default:
      return { type: 'leaseExpire', ids: [id], term: 1 };
  }
}

export function leaseReply(
  operation: Exclude<LeaseOperation, { type: 'leaseExpire' }>,
  words: Words,
  revision: number,
): Reply {
  const { type } = operation;
  if (type === 'leaseGrant') return { type, revision, lease: operation.id, ttlMs: TTL_MS };
  if (type === 'leaseRevoke') return { type, revision, deleted: words.number() };
  const isGone = words.takeIf('gone');
  if (!isGone) words.skip('lives');
  return { type, revision, ttlsMs: [isGone ? 0 : TTL_MS] };
}
