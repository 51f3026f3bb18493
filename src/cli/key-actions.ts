/** What put, get, delete, scan and increment do, once arguments are read and a cluster is there. */
import type { Db, Entry, PutOptions, ReadOptions, RevisionBounds, ScanOptions } from '../client/index.ts';
import { QuorateError } from '../server/terms.ts';
import { cellOf, jsonOf } from './bytes-text.ts';
import type { Output, Shown } from './output.ts';

export interface PutFlags {
  readonly ifAbsent?: boolean;
  readonly ifPresent?: boolean;
  readonly ifRevision?: number;
  readonly ifVersion?: number;
  readonly lease?: bigint;
  readonly keepLease?: boolean;
}

export interface ReadFlags {
  readonly level?: 'linearizable' | 'local';
  readonly minRevision?: number;
  /** Of the past. */
  readonly revision?: number;
}

export interface ScanFlags extends ReadFlags {
  readonly minModRevision?: number;
  readonly maxModRevision?: number;
  readonly minCreateRevision?: number;
  readonly maxCreateRevision?: number;
  readonly limit?: number;
  readonly reverse?: boolean;
  readonly keysOnly?: boolean;
  readonly count?: boolean;
}

export async function put(
  db: Db,
  out: Output,
  key: string,
  value: string | Uint8Array,
  flags: PutFlags,
): Promise<void> {
  const { revision } = await db.put(key, value, putOptions(flags));
  await out.one({ json: { revision }, raw: String(revision), cells: [`ok (revision ${revision})`] });
}

export async function get(db: Db, out: Output, key: string, flags: ReadFlags): Promise<void> {
  const { entry } = await db.read(key, readOptions(flags));
  if (entry === undefined) throw notFound(key);
  await out.one({ ...recordForms(entry), raw: entry.value }, RECORD_COLUMNS);
}

export async function remove(
  db: Db,
  out: Output,
  target: string | { readonly prefix: string },
  flags: { readonly ifRevision?: number },
): Promise<void> {
  const { deleted, revision } = await db.delete(target, flags);
  const sentence = `deleted ${deleted} ${deleted === 1 ? 'key' : 'keys'} (revision ${revision})`;
  await out.one({ json: { deleted, revision }, raw: String(deleted), cells: [sentence] });
}

export async function increment(db: Db, out: Output, key: string, by: bigint): Promise<void> {
  const { value, revision } = await db.increment(key, by);
  // A 64-bit value does not fit a JSON number everywhere.
  const json = { value: value.toString(), revision };
  await out.one({ json, raw: value.toString(), cells: [`${value} (revision ${revision})`] });
}

export async function scan(db: Db, out: Output, prefix: string, flags: ScanFlags): Promise<void> {
  const { count: countOnly = false, keysOnly = false } = flags;
  if (countOnly) {
    const count = await db.count({ prefix }, { ...readOptions(flags), ...boundsOf(flags) });
    return await out.one({ json: { count }, raw: String(count), cells: [String(count)] });
  }
  await out.many(
    keysOnly ? KEY_COLUMNS : RECORD_COLUMNS,
    shownRecords(db.scan({ prefix }, scanOptions(flags)), keysOnly),
  );
}

const KEY_COLUMNS = ['KEY', 'REVISION', 'VERSION'];
const RECORD_COLUMNS = ['KEY', 'VALUE', 'REVISION', 'VERSION'];

async function* shownRecords(entries: AsyncIterable<Entry>, keysOnly: boolean): AsyncGenerator<Shown> {
  for await (const entry of entries) yield keysOnly ? keyForms(entry) : recordForms(entry);
}

function recordForms(entry: Entry): Shown {
  const key = entry.keyBytes;
  const { revision, version } = numbers(entry);
  return {
    json: entryJson(entry),
    raw: Buffer.concat([key, Buffer.from('\t'), entry.value]),
    cells: [cellOf(key), cellOf(entry.value), revision, version],
  };
}

export function entryJson(entry: Entry): Record<string, unknown> {
  return { key: jsonOf(entry.keyBytes), value: jsonOf(entry.value), ...facts(entry) };
}

function keyForms(entry: Entry): Shown {
  const { revision, version } = numbers(entry);
  return {
    json: { key: jsonOf(entry.keyBytes), ...facts(entry) },
    raw: entry.keyBytes,
    cells: [cellOf(entry.keyBytes), revision, version],
  };
}

/** Commander gives all flags of a command in one object; the SDK refuses names it does not know. */
function putOptions({ ifAbsent, ifPresent, ifRevision, ifVersion, lease, keepLease }: PutFlags): PutOptions {
  const exact = {
    ...(ifRevision !== undefined && { ifRevision }),
    ...(ifVersion !== undefined && { ifVersion }),
    ...(lease !== undefined && { lease }),
  };
  return { ifAbsent, ifPresent, keepLease, ...exact };
}

function readOptions({ level, minRevision, revision }: ReadFlags): ReadOptions {
  return { level, minRevision, atRevision: revision };
}

function scanOptions({ limit, reverse, keysOnly, ...flags }: ScanFlags): ScanOptions {
  return { ...readOptions(flags), ...boundsOf(flags), limit, reverse, keysOnly };
}

function boundsOf(flags: ScanFlags): RevisionBounds {
  const { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision } = flags;
  return { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision };
}

function numbers({ modRevision, version }: Entry): { readonly revision: string; readonly version: string } {
  return { revision: String(modRevision), version: String(version) };
}

function facts({ createRevision, modRevision, version, lease }: Entry): Record<string, unknown> {
  return { createRevision, modRevision, version, lease: lease.toString() };
}

function notFound(key: string): QuorateError {
  return new QuorateError('NOT_FOUND', `there is no key "${cellOf(Buffer.from(key))}"`);
}
