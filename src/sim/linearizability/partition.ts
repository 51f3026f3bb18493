/**
 * P-compositionality: keys that no operation names together are objects of their own, and a history is linearizable
 * exactly when that of each object is (Herlihy and Wing's locality). What scans, getMany and range deletes reach is
 * tied together.
 */
import type { ClientOperation, History } from './history.ts';
import { notModelled } from './not-modelled.ts';
import { bytesText, keysInRange, lowerBound } from './text.ts';
import type { KeyRange, Operation, Query, TxnOperation } from '../../kv/operation.ts';

export interface Partition {
  /** Sorted. Empty for an operation whose range holds no key that the history knows. */
  readonly keys: readonly string[];
  readonly operations: History;
}

/** Keys by name, and ranges. */
interface Footprint {
  readonly keys: readonly string[];
  readonly ranges: readonly { readonly start: string; readonly end: string }[];
}

const NO_KEYS: Footprint = { keys: [], ranges: [] };

export function partition(history: History): Partition[] {
  const footprints = history.map(footprintOf);
  const keys = [...new Set(footprints.flatMap((footprint) => footprint.keys))].toSorted();
  const groups = new Groups(keys.length);
  const anchors = footprints.map((footprint) => tie(groups, keys, footprint));
  const operations = new Map<number, ClientOperation[]>();
  const partitions: Partition[] = [];
  for (const [at, operation] of history.entries()) {
    const anchor = anchors[at] ?? null;
    if (anchor === null) partitions.push({ keys: [], operations: [operation] });
    else listOf(operations, groups.find(anchor)).push(operation);
  }
  const members = new Map<number, string[]>();
  for (const [at, key] of keys.entries()) listOf(members, groups.find(at)).push(key);
  for (const [group, own] of operations) partitions.push({ keys: members.get(group) ?? [], operations: own });
  return partitions;
}

/** Ties all keys of the footprint together and gives one of them; null if there is none. */
function tie(groups: Groups, keys: readonly string[], { keys: named, ranges }: Footprint): number | null {
  const places = named.map((key) => lowerBound(keys, key));
  for (const { start, end } of ranges) {
    const [from, to] = keysInRange(keys, start, end);
    for (let place = from; place < to; place += 1) places.push(place);
  }
  const anchor = places[0] ?? null;
  for (const place of places) groups.join(anchor ?? place, place);
  return anchor;
}

function footprintOf(operation: ClientOperation): Footprint {
  return operation.type === 'read' ? queryFootprint(operation.query) : writeFootprint(operation.operation);
}

function queryFootprint(query: Query): Footprint {
  if (query.type === 'get') return { keys: query.keys.map(bytesText), ranges: [] };
  if (query.type === 'txn') return txnFootprint(query);
  return query.type === 'scan' ? rangeFootprint(query.range) : NO_KEYS;
}

function writeFootprint(write: Operation): Footprint {
  if (write.type === 'delete') return rangeFootprint(write.target);
  if (write.type === 'compact') return NO_KEYS;
  if (write.type === 'txn') return txnFootprint(write);
  if (write.type !== 'put' && write.type !== 'increment') return notModelled(write.type);
  return { keys: [bytesText(write.key)], ranges: [] };
}

/** Whichever branch is taken: which it is depends on the keys compared. */
function txnFootprint(txn: TxnOperation): Footprint {
  const steps = [...txn.do, ...txn.otherwise].map((step) =>
    step.type === 'get' || step.type === 'scan' || step.type === 'past'
      ? queryFootprint(step)
      : writeFootprint(step),
  );
  const parts = [...txn.when.map(({ target }) => rangeFootprint(target)), ...steps];
  return { keys: parts.flatMap(({ keys }) => keys), ranges: parts.flatMap(({ ranges }) => ranges) };
}

function rangeFootprint({ start, end }: KeyRange): Footprint {
  if (end === null) return { keys: [bytesText(start)], ranges: [] };
  return { keys: [], ranges: [{ start: bytesText(start), end: bytesText(end) }] };
}

function listOf<Item>(lists: Map<number, Item[]>, name: number): Item[] {
  const known = lists.get(name);
  if (known !== undefined) return known;
  const list: Item[] = [];
  lists.set(name, list);
  return list;
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
