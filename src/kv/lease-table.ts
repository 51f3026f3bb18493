/**
 * The leases; part of the replicated state. Which keys hang on a lease is said by their records: the sets here are an
 * index of them, kept by `record-table.ts` with every change, an undone one too, and in no digest of their own.
 */
import { invariant } from './assert.ts';
import { Deadlines } from './deadlines.ts';
import { keyText, textBytes } from './key-text.ts';
import type { Lanes } from './murmur128.ts';
import { OrderedKeys } from './ordered-keys.ts';
import { SetDigest } from './set-digest.ts';
import { LeaseHasher } from './state-hash.ts';

export const NO_LEASE = 0n;

/** The same on every node of a cluster. Some 500 bytes each. */
export const LEASES_MAX = 100_000;

export interface Lease {
  readonly id: bigint;
  readonly ttlMs: number;
  readonly deadlineMs: number;
  readonly keys: ReadonlySet<string>;
}

interface Row extends Lease {
  deadlineMs: number;
  hash: Lanes;
  readonly keys: Set<string>;
}

export class LeaseTable {
  readonly digest = new SetDigest();
  readonly #rows = new Map<bigint, Row>();
  readonly #order = new OrderedKeys();
  readonly #deadlines = new Deadlines();
  readonly #hasher = new LeaseHasher();

  get size(): number {
    return this.#rows.size;
  }

  find(id: bigint): Lease | null {
    return this.#rows.get(id) ?? null;
  }

  /** The id is free. */
  grant(id: bigint, ttlMs: number, deadlineMs: number): void {
    const hash = this.#hashOf(id, ttlMs, deadlineMs);
    this.#rows.set(id, { id, ttlMs, deadlineMs, hash, keys: new Set() });
    this.#order.insert(idText(id));
    this.#deadlines.set(id, deadlineMs);
    this.digest.add(hash);
  }

  renew(id: bigint, deadlineMs: number): void {
    const row = this.#row(id);
    this.digest.subtract(row.hash);
    row.deadlineMs = deadlineMs;
    row.hash = this.#hashOf(id, row.ttlMs, deadlineMs);
    this.digest.add(row.hash);
    this.#deadlines.set(id, deadlineMs);
  }

  /** Its keys are gone. */
  remove(id: bigint): void {
    const row = this.#row(id);
    invariant(row.keys.size === 0, 'no key hangs on a lease that is gone');
    this.digest.subtract(row.hash);
    this.#rows.delete(id);
    this.#order.remove(idText(id));
    this.#deadlines.delete(id);
  }

  attach(id: bigint, text: string): void {
    if (id !== NO_LEASE) this.#row(id).keys.add(text);
  }

  detach(id: bigint, text: string): void {
    if (id !== NO_LEASE) this.#row(id).keys.delete(text);
  }

  /** Of those whose deadline has come, as many as have `max` keys and leases in all; one at least. */
  due(clusterTimeMs: number, max: number): bigint[] {
    const found: bigint[] = [];
    let weight = 0;
    for (const id of this.#deadlines.due(clusterTimeMs, max)) {
      weight += 1 + this.#row(id).keys.size;
      if (weight > max && found.length > 0) break;
      found.push(id);
    }
    return found;
  }

  /** At most `max` ids above `after`, in order. */
  idsAfter(after: bigint | null, max: number): bigint[] {
    // No id stands between an id and the same text with a byte behind it.
    const start = after === null ? '' : `${idText(after)}\0`;
    return this.#order.keys({ start, end: null }, max).map(textId);
  }

  #row(id: bigint): Row {
    const row = this.#rows.get(id);
    invariant(row !== undefined, 'a key hangs on a lease that is there');
    return row;
  }

  #hashOf(id: bigint, ttlMs: number, deadlineMs: number): Lanes {
    const { a, b, c, d } = this.#hasher.hash(id, ttlMs, deadlineMs);
    return { a, b, c, d };
  }
}

const SIGN = 2n ** 63n;

/** Eight bytes that are in the order of the ids, negative ones first. */
function idText(id: bigint): string {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, id + SIGN);
  return keyText(bytes);
}

function textId(text: string): bigint {
  return new DataView(Uint8Array.from(textBytes(text)).buffer).getBigUint64(0) - SIGN;
}
