/**
 * P-compositionality: keys that no operation names together are objects of their own, and a history is linearizable
 * exactly when that of each object is (Herlihy and Wing's locality). What scans, getMany and range deletes reach is
 * tied together, and so are all keys that were ever put with one lease: they go when that ends.
 */
import type { ClientOperation, History } from './history.ts';
import { grantedBy, leasesOfPuts } from './lease-ends.ts';
import { NO_LEASE } from './models/record.ts';
import { notModelled } from './not-modelled.ts';
import { bytesText, keysInRange, lowerBound } from './text.ts';
import type { KeyRange, Operation, Query, TxnOperation } from '../../kv/operation.ts';

export interface Partition {
  /** Sorted. Empty for an operation whose range holds no key that the history knows. */
  readonly keys: readonly string[];
  readonly leases: readonly bigint[];
  readonly operations: History;
}

/** Keys by name, ranges, and leases. */
interface Footprint {
  readonly keys: readonly string[];
  readonly ranges: readonly { readonly start: string; readonly end: string }[];
  readonly leases: readonly bigint[];
}

const NOTHING: Footprint = { keys: [], ranges: [], leases: [] };

export function partition(history: History): Partition[] {
  const footprints = history.map(footprintOf);
  const keys = [...new Set(footprints.flatMap((footprint) => footprint.keys))].toSorted();
  const leases = [...new Set(footprints.flatMap((footprint) => footprint.leases))];
  const members = new Members(keys, leases);
  const groups = new Groups(keys.length + leases.length);
  const anchors = footprints.map((footprint) => tie(groups, members.of(footprint)));
  const found = new Map<number, Group>();
  const partitions: Partition[] = [];
  for (const [at, operation] of history.entries()) {
    const anchor = anchors[at] ?? null;
    if (anchor === null) partitions.push({ keys: [], leases: [], operations: [operation] });
    else groupOf(found, groups.find(anchor)).operations.push(operation);
  }
  for (const [at, key] of keys.entries()) groupOf(found, groups.find(at)).keys.push(key);
  for (const [at, lease] of leases.entries()) {
    groupOf(found, groups.find(keys.length + at)).leases.push(lease);
  }
  return [...partitions, ...found.values()];
}

interface Group {
  readonly keys: string[];
  readonly leases: bigint[];
  readonly operations: ClientOperation[];
}

function groupOf(groups: Map<number, Group>, name: number): Group {
  const known = groups.get(name);
  if (known !== undefined) return known;
  const group: Group = { keys: [], leases: [], operations: [] };
  groups.set(name, group);
  return group;
}

/** What is tied together: the keys in their order, and behind them the leases. */
class Members {
  readonly #keys: readonly string[];
  readonly #leases: ReadonlyMap<bigint, number>;

  constructor(keys: readonly string[], leases: readonly bigint[]) {
    this.#keys = keys;
    this.#leases = new Map(leases.map((lease, at) => [lease, keys.length + at]));
  }

  of({ keys, ranges, leases }: Footprint): number[] {
    const places = keys.map((key) => lowerBound(this.#keys, key));
    for (const { start, end } of ranges) {
      const [from, to] = keysInRange(this.#keys, start, end);
      for (let place = from; place < to; place += 1) places.push(place);
    }
    return [...places, ...leases.flatMap((lease) => this.#leases.get(lease) ?? [])];
  }
}

/** Ties all of them together and gives one of them; null if there is none. */
function tie(groups: Groups, places: readonly number[]): number | null {
  const anchor = places[0] ?? null;
  for (const place of places) groups.join(anchor ?? place, place);
  return anchor;
}

function footprintOf(operation: ClientOperation): Footprint {
  if (operation.type === 'read') return queryFootprint(operation.query);
  const grant = grantedBy(operation);
  return grant === null ? writeFootprint(operation.operation) : { ...NOTHING, leases: [grant] };
}

function queryFootprint(query: Query): Footprint {
  if (query.type === 'get') return { ...NOTHING, keys: query.keys.map(bytesText) };
  if (query.type === 'txn') return txnFootprint(query);
  return query.type === 'scan' ? rangeFootprint(query.range) : NOTHING;
}

function writeFootprint(write: Operation): Footprint {
  switch (write.type) {
    case 'put':
    case 'increment':
      return { ...NOTHING, keys: [bytesText(write.key)], leases: leasesOfPuts(write) };
    case 'delete':
      return rangeFootprint(write.target);
    case 'compact':
      return NOTHING;
    case 'txn':
      return txnFootprint(write);
    case 'leaseGrant':
    case 'leaseRevoke':
      return { ...NOTHING, leases: write.id === NO_LEASE ? [] : [write.id] };
    case 'leaseRenew':
      return { ...NOTHING, leases: write.ids };
    case 'leaseExpire':
    case 'sessionOpen':
    case 'sessionRenew':
    case 'sessionClose':
    case 'sessionExpire':
    case 'resolve':
      return notModelled(write.type);
  }
}

/** Whichever branch is taken: which it is depends on the keys compared. */
function txnFootprint(txn: TxnOperation): Footprint {
  const steps = [...txn.do, ...txn.otherwise].map((step) =>
    step.type === 'get' || step.type === 'scan' || step.type === 'past'
      ? queryFootprint(step)
      : writeFootprint(step),
  );
  const parts = [...txn.when.map(({ target }) => rangeFootprint(target)), ...steps];
  return {
    keys: parts.flatMap(({ keys }) => keys),
    ranges: parts.flatMap(({ ranges }) => ranges),
    leases: parts.flatMap(({ leases }) => leases),
  };
}

function rangeFootprint({ start, end }: KeyRange): Footprint {
  if (end === null) return { ...NOTHING, keys: [bytesText(start)] };
  return { ...NOTHING, ranges: [{ start: bytesText(start), end: bytesText(end) }] };
}

/** Union-find with path halving. */
class Groups {
  readonly #parent: Int32Array;

  constructor(count: number) {
    this.#parent = Int32Array.from({ length: count }, (_, member) => member);
  }

  find(member: number): number {
    let at = member;
    while (this.#up(at) !== at) {
      this.#parent[at] = this.#up(this.#up(at));
      at = this.#up(at);
    }
    return at;
  }

  join(a: number, b: number): void {
    this.#parent[this.find(b)] = this.find(a);
  }

  #up(member: number): number {
    return this.#parent[member] ?? member;
  }
}
