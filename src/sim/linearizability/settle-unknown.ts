/**
 * What the log says about operations of unknown outcome, in terms of the history (as etcd's patch_history.go): one
 * that is not in the log did not happen; one that is there had its reply, and had taken effect by the time anything
 * after it returned. Without this the search would carry each of them along to the end. So with the ends of leases:
 * those that took keys with them are where the log has them, and all others make no difference to anybody.
 */
import type { ClientOperation, History, WriteOperation } from './history.ts';
import { leaseEnd, livesIn } from './lease-ends.ts';
import { lowerBoundOf } from './witness/lower-bound.ts';
import type { LeaseEnd, Slot } from './witness/slots.ts';

export interface Settled {
  readonly history: History;
  /** As `lease-ends.ts` has them. */
  readonly leaseEnds: History;
  /** Of writes, and of the ends of leases, by call id. */
  readonly positions: ReadonlyMap<number, number>;
}

export function settleUnknown(
  history: History,
  { slots, leaseEnds: ended }: { readonly slots: readonly Slot[]; readonly leaseEnds: readonly LeaseEnd[] },
): Settled {
  const owned = new Map<number, Slot>();
  for (const slot of slots) {
    if (slot.owner !== null) owned.set(slot.owner.callId, slot);
  }
  const returns = new ReturnsFrom(history, owned);
  const settled = history.flatMap((operation): ClientOperation[] => {
    if (operation.type !== 'write' || operation.outcome.type !== 'unknown') return [operation];
    const slot = owned.get(operation.callId);
    return slot === undefined ? [] : [settledWrite(operation, slot, returns)];
  });
  const positions = new Map([...owned].map(([callId, { position }]) => [callId, position]));
  const ends = settledEnds(history, ended, returns);
  for (const { end, position } of ends) positions.set(end.callId, position);
  return { history: settled, leaseEnds: ends.map(({ end }) => end), positions };
}

interface SettledEnd {
  readonly end: WriteOperation;
  readonly position: number;
}

function settledEnds(
  history: History,
  ended: readonly LeaseEnd[],
  returns: ReturnsFrom,
): readonly SettledEnd[] {
  const lives = livesIn(history);
  return ended.map(({ lease, deleted, revision, position }, number) => {
    const life = lives.get(lease);
    // The witness has found who put every key that went.
    if (life === undefined) throw new Error(`keys hung on lease ${lease}, and nobody put them there`);
    const end = leaseEnd(lease, life.sinceMs, number);
    const returnMs = returns.earliestAfter(position);
    if (returnMs === Infinity) return { end, position };
    const output = { type: 'leaseRevoke', revision, deleted } as const;
    return { end: { ...end, returnMs, outcome: { type: 'ok', output } }, position };
  });
}

/** Nothing after it returned: then nothing tells when it took effect. */
function settledWrite(write: WriteOperation, slot: Slot, returns: ReturnsFrom): WriteOperation {
  const returnMs = returns.earliestAfter(slot.position);
  if (returnMs === Infinity) return write;
  // Its client had given it up and may have gone on, so it ends under a name of its own.
  const client = `${write.client} (call ${write.callId}, given up)`;
  return { ...write, client, returnMs, outcome: { type: 'ok', output: slot.reply } };
}

/** When the first of all changes beyond a position returned. */
class ReturnsFrom {
  readonly #positions: Float64Array;
  readonly #earliest: Float64Array;

  constructor(history: History, owned: ReadonlyMap<number, Slot>) {
    const heard = history.flatMap(({ callId, returnMs, outcome }) => {
      const slot = owned.get(callId);
      return slot === undefined || outcome.type !== 'ok' ? [] : [{ position: slot.position, returnMs }];
    });
    heard.sort((a, b) => a.position - b.position);
    this.#positions = Float64Array.from(heard, ({ position }) => position);
    this.#earliest = Float64Array.from(heard, ({ returnMs }) => returnMs);
    for (let at = heard.length - 2; at >= 0; at -= 1) {
      this.#earliest[at] = Math.min(this.#earliest[at] ?? Infinity, this.#earliest[at + 1] ?? Infinity);
    }
  }

  earliestAfter(position: number): number {
    // Positions are whole numbers.
    return this.#earliest[lowerBoundOf(this.#positions, position + 1)] ?? Infinity;
  }
}
