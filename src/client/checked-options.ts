/**
 * Options as programs without types hand them in. A misspelt or undefined condition must not turn a guarded write into
 * an unguarded one, so every name is checked, and a condition that is named has to have a value.
 */
import type { Condition, ReadLevel, RevisionFilter, ScanQuery } from '../wire/client-protocol.ts';
import { DEFAULT_TIMEOUT_MS } from '../wire/defaults.ts';
import { QuorateError } from '../wire/errors.ts';
import { REVISION_BOUNDS, type RevisionBound } from '../wire/revision-bounds.ts';
import type { CallLimits } from './driver.ts';
import type {
  CallOptions,
  ConnectOptions,
  DeleteOptions,
  LeaseChoice,
  PutOptions,
  ReadOptions,
  RevisionBounds,
  ScanOptions,
} from './options.ts';

const CALL = ['timeoutMs', 'signal'] as const;
const READ = [...CALL, 'level', 'minRevision', 'atRevision'] as const;

const NAMES = {
  call: new Set<string>(CALL),
  read: new Set<string>(READ),
  scan: new Set<string>([...READ, ...REVISION_BOUNDS, 'limit', 'reverse', 'keysOnly']),
  count: new Set<string>([...READ, ...REVISION_BOUNDS]),
  put: new Set<string>([
    ...CALL,
    'ifAbsent',
    'ifPresent',
    'ifRevision',
    'ifVersion',
    'returnPrevious',
    'lease',
    'keepLease',
  ]),
  grant: new Set<string>([...CALL, 'ttlMs', 'id']),
  delete: new Set<string>([...CALL, 'ifPresent', 'ifRevision', 'ifVersion', 'returnPrevious']),
  transact: new Set<string>([...CALL, 'attemptsMax']),
  connect: new Set<string>([...CALL, 'lazy', 'discover', 'retry', 'sessions', 'clusterId', 'clientName']),
} as const;

const TIMEOUT_MS_MAX = 2 ** 31 - 1;
const CLIENT_NAME = 'quorate-js';
const NAME_LENGTH_MAX = 256;

export function checkNames(kind: keyof typeof NAMES, options: object): void {
  if (typeof options !== 'object' || options === null) throw invalid('options are an object');
  for (const name of Object.keys(options)) {
    if (!NAMES[kind].has(name)) {
      throw invalid(`there is no option "${name}" here; there are ${[...NAMES[kind]].join(', ')}`);
    }
  }
}

/** The same for what is no option: a transaction and what it is made of. */
export function checkFields(what: string, given: object, fields: readonly string[]): void {
  if (typeof given !== 'object' || given === null) throw invalid(`${what} is an object`);
  for (const field of Object.keys(given)) {
    if (!fields.includes(field)) throw invalid(`${what} has no "${field}"; it has ${fields.join(', ')}`);
  }
}

export function callLimits(options: CallOptions, defaultTimeoutMs: number): CallLimits {
  return { timeoutMs: timeoutOf(options.timeoutMs ?? defaultTimeoutMs), signal: options.signal };
}

function timeoutOf(timeoutMs: number): number {
  if (typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs <= TIMEOUT_MS_MAX) return timeoutMs;
  throw invalid(`timeoutMs is a number above 0, at most ${TIMEOUT_MS_MAX}, not ${String(timeoutMs)}`);
}

export interface CheckedConnectOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly lazy: boolean;
  readonly discover: boolean;
  readonly retry: boolean;
  readonly sessions: boolean;
  readonly clusterId: string | null;
  readonly clientName: string;
}

export function connectOptions(options: ConnectOptions): CheckedConnectOptions {
  checkNames('connect', options);
  const clientName = options.clientName ?? CLIENT_NAME;
  if (typeof clientName !== 'string' || clientName.length > NAME_LENGTH_MAX) {
    throw invalid(`clientName is a string of at most ${NAME_LENGTH_MAX} characters`);
  }
  const clusterId = options.clusterId ?? null;
  if (clusterId !== null && (typeof clusterId !== 'string' || clusterId.length > NAME_LENGTH_MAX)) {
    throw invalid(`clusterId is a string of at most ${NAME_LENGTH_MAX} characters`);
  }
  return {
    ...callLimits(options, DEFAULT_TIMEOUT_MS),
    lazy: flag('lazy', options.lazy, false),
    discover: flag('discover', options.discover, true),
    retry: flag('retry', options.retry, true),
    sessions: flag('sessions', options.sessions, true),
    clusterId,
    clientName,
  };
}

export interface ReadTerms {
  readonly level: ReadLevel;
  readonly minRevision: number;
  /** Null: the present. */
  readonly atRevision: number | null;
}

export function readTerms({ level = 'linearizable', minRevision = 0, atRevision }: ReadOptions): ReadTerms {
  if (level !== 'linearizable' && level !== 'local') {
    throw invalid(`level is 'linearizable' or 'local', not ${String(level)}`);
  }
  return {
    level,
    minRevision: wholeNumber('minRevision', minRevision, 0),
    atRevision: revisionTerm(atRevision),
  };
}

/** The first revision is 1, that of an empty store. */
export function revisionTerm(atRevision: number | undefined): number | null {
  return atRevision === undefined ? null : wholeNumber('atRevision', atRevision, 1);
}

export interface ScanTerms extends Pick<ScanQuery, 'limit' | 'reverse' | 'keysOnly'> {
  readonly filter: RevisionFilter | undefined;
}

/** `limit` 0: as many as there are. */
export function scanTerms({
  limit,
  reverse,
  keysOnly,
  ...bounds
}: Pick<ScanOptions, 'limit' | 'reverse' | 'keysOnly'> & RevisionBounds): ScanTerms {
  return {
    filter: filterOf(bounds),
    limit: limit === undefined ? 0 : wholeNumber('limit', limit, 1),
    reverse: flag('reverse', reverse, false),
    keysOnly: flag('keysOnly', keysOnly, false),
  };
}

/** Undefined when nothing is filtered: then a page holds as many records as it can. */
export function filterOf(bounds: RevisionBounds): RevisionFilter | undefined {
  const bound = (name: RevisionBound): number =>
    bounds[name] === undefined ? 0 : wholeNumber(name, bounds[name], 1);
  if (REVISION_BOUNDS.every((name) => bounds[name] === undefined)) return undefined;
  return {
    minModRevision: bound('minModRevision'),
    maxModRevision: bound('maxModRevision'),
    minCreateRevision: bound('minCreateRevision'),
    maxCreateRevision: bound('maxCreateRevision'),
  };
}

export function conditionsOf(options: PutOptions & DeleteOptions): readonly Condition[] {
  const conditions: Condition[] = [];
  if (flag('ifAbsent', options.ifAbsent, false)) conditions.push({ type: 'absent' });
  if (flag('ifPresent', options.ifPresent, false)) conditions.push({ type: 'present' });
  if ('ifRevision' in options) {
    conditions.push({ type: 'revision', modRevision: wholeNumber('ifRevision', options.ifRevision, 0) });
  }
  if ('ifVersion' in options) {
    conditions.push({ type: 'version', version: wholeNumber('ifVersion', options.ifVersion, 0) });
  }
  return conditions;
}

/** What a put says of the lease that its key hangs on from then on. */
export function leaseOf(options: LeaseChoice): { readonly lease?: bigint | 'keep' } {
  const keeps = flag('keepLease', options.keepLease, false);
  if (!('lease' in options)) return keeps ? { lease: 'keep' } : {};
  if (keeps) throw invalid('a put has a lease or keeps the one that there is');
  const { lease } = options;
  return { lease: leaseId('lease', typeof lease === 'object' && lease !== null ? lease.id : lease) };
}

export function leaseId(name: string, value: bigint | undefined): bigint {
  const id = int64(name, value);
  if (id === 0n) throw invalid('no lease has the id 0');
  return id;
}

export function flag(name: string, value: boolean | undefined, unsaid: boolean): boolean {
  if (value === undefined) return unsaid;
  if (typeof value === 'boolean') return value;
  throw invalid(`${name} is true or false, not ${String(value)}`);
}

export function wholeNumber(name: string, value: number | undefined, min: number): number {
  if (value !== undefined && Number.isSafeInteger(value) && value >= min) return value;
  throw invalid(`${name} is a whole number from ${min} on, not ${String(value)}`);
}

export function int64(name: string, value: bigint | undefined): bigint {
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return value;
  throw invalid(`${name} is a signed 64-bit bigint, not ${String(value)}`);
}

function invalid(message: string): QuorateError {
  return new QuorateError('INVALID_ARGUMENT', message);
}
