/**
 * What the log says about operations of unknown outcome, in terms of the history (as etcd's patch_history.go): one
 * that is not in the log did not happen; one that is there had its reply, and had taken effect by the time anything
 * after it returned. Without this the search would carry each of them along to the end.
 */
import type { ClientOperation, History, WriteOperation } from './history.ts';
import { lowerBoundOf } from './witness/lower-bound.ts';
import type { Slot } from './witness/slots.ts';

export interface Settled {
  readonly history: History;
  /** Of writes, by call id. */
  readonly positions: ReadonlyMap<number, number>;
}

export function settleUnknown(history: History, slots: readonly Slot[]): Settled {
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
  return { history: settled, positions };
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
