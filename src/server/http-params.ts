/**
 * What stands behind the `?` of a request. Names are checked, as the SDK checks its options: a condition that is misspelt
 * must not turn a guarded write into an unguarded one.
 */
import type { Bytes, Condition, RevisionFilter } from '../kv/operation.ts';
import type { ReadLevel } from '../wire/client-protocol.ts';
import { DEFAULT_TIMEOUT_MS } from '../wire/defaults.ts';
import { QuorateError } from '../wire/errors.ts';
import { REVISION_BOUNDS, type RevisionBound } from '../wire/revision-bounds.ts';

const READ = ['timeoutMs', 'level', 'minRevision', 'atRevision'] as const;

const NAMES = {
  get: READ,
  scan: [...READ, ...REVISION_BOUNDS, 'prefix', 'after', 'limit', 'reverse', 'keysOnly', 'countOnly'],
  put: ['timeoutMs', 'ifAbsent', 'ifPresent', 'ifRevision', 'ifVersion', 'lease', 'keepLease'],
  increment: ['timeoutMs', 'increment'],
  delete: ['timeoutMs', 'ifPresent', 'ifRevision', 'ifVersion'],
  compact: ['timeoutMs', 'revision'],
} as const;

const TIMEOUT_MS_MAX = 60_000;
const ESCAPE = /%([0-9a-f]{2})/giu;
const BROKEN_ESCAPE = /%(?![0-9a-f]{2})/iu;

export function checkNames(kind: keyof typeof NAMES, { searchParams }: URL): void {
  const known: readonly string[] = NAMES[kind];
  for (const name of searchParams.keys()) {
    if (!known.includes(name)) throw invalid(`there is no "${name}" here; there are ${known.join(', ')}`);
  }
}

/** Keys need not be UTF-8: `%ff` is a byte. */
export function unescaped(path: string): Bytes {
  if (BROKEN_ESCAPE.test(path)) throw invalid('a % in a path is followed by two hexadecimal digits');
  // What is not escaped in a URL is ASCII.
  return Buffer.from(path.replaceAll(ESCAPE, byteOf), 'latin1');
}

function byteOf(_escape: string, digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 16));
}

export function integer({ searchParams }: URL, name: string): bigint | null {
  const text = searchParams.get(name);
  if (text === null) return null;
  if (/^-?\d{1,19}$/.test(text)) return BigInt(text);
  throw invalid(`${name}=${text} is not an integer`);
}

/** Null when it is not said. */
export function whole(url: URL, name: string, min: number): number | null {
  const number = integer(url, name);
  if (number === null) return null;
  if (number >= BigInt(min) && number <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(number);
  throw invalid(`${name}=${number}: it is a whole number from ${min} on`);
}

export function flag({ searchParams }: URL, name: string): boolean {
  const text = searchParams.get(name) ?? 'false';
  if (text === '' || text === 'true') return true;
  if (text === 'false') return false;
  throw invalid(`${name}=${text}: it is true or false`);
}

export function timeoutOf(url: URL): number {
  const timeoutMs = whole(url, 'timeoutMs', 1) ?? DEFAULT_TIMEOUT_MS;
  if (timeoutMs <= TIMEOUT_MS_MAX) return timeoutMs;
  throw invalid(`timeoutMs=${timeoutMs}: it is 1 to ${TIMEOUT_MS_MAX}`);
}

export function levelOf({ searchParams }: URL): ReadLevel {
  const level = searchParams.get('level') ?? 'linearizable';
  if (level === 'linearizable' || level === 'local') return level;
  throw invalid(`level=${level}: it is linearizable or local`);
}

export function conditionsOf(url: URL): Condition[] {
  const conditions: Condition[] = [];
  if (flag(url, 'ifAbsent')) conditions.push({ type: 'absent' });
  if (flag(url, 'ifPresent')) conditions.push({ type: 'present' });
  const modRevision = whole(url, 'ifRevision', 0);
  if (modRevision !== null) conditions.push({ type: 'revision', modRevision });
  const version = whole(url, 'ifVersion', 0);
  if (version !== null) conditions.push({ type: 'version', version });
  return conditions;
}

/** What a put says of the lease that its key hangs on. */
export function leaseOf(url: URL): { readonly lease?: bigint | 'keep' } {
  const lease = integer(url, 'lease');
  const keeps = flag(url, 'keepLease');
  if (lease === null) return keeps ? { lease: 'keep' } : {};
  if (keeps) throw invalid('a put has a lease or keeps the one that there is');
  if (lease === 0n || BigInt.asIntN(64, lease) !== lease) throw invalid(`no lease has the id ${lease}`);
  return { lease };
}

/** Undefined when no bound is given. */
export function filterOf(url: URL): RevisionFilter | undefined {
  if (!REVISION_BOUNDS.some((name) => url.searchParams.has(name))) return undefined;
  const bound = (name: RevisionBound): number => whole(url, name, 1) ?? 0;
  return {
    minModRevision: bound('minModRevision'),
    maxModRevision: bound('maxModRevision'),
    minCreateRevision: bound('minCreateRevision'),
    maxCreateRevision: bound('maxCreateRevision'),
  };
}

export function invalid(message: string): QuorateError {
  return new QuorateError('INVALID_ARGUMENT', message);
}
