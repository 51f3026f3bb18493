import type { ClientLimits, KvRecord, Operation, Query } from '../wire/client-protocol.ts';
import { QuorateError } from '../wire/errors.ts';
import { encodeOperation } from '../wire/operation-codec.ts';
import { checkTxn, isReadOnly } from '../wire/txn-check.ts';
import {
  callLimits,
  checkNames,
  conditionsOf,
  flag,
  int64,
  leaseOf,
  readTerms,
  scanTerms,
  wholeNumber,
} from './checked-options.ts';
import type { ScanTerms } from './checked-options.ts';
import type { CallLimits, Driver } from './driver.ts';
import type { EngineStatus } from './engine/engine.ts';
import type { Answer, ReadAnswer } from './engine/request.ts';
import { toEntry } from './entry.ts';
import type { Entry } from './entry.ts';
import { keyBytes } from './keys.ts';
import type { Lease } from './lease.ts';
import { Leases } from './leases.ts';
import { resolveWrite, sequenceOf, type ResolvedWrite } from './resolve.ts';
import type { Key } from './keys.ts';
import type {
  CallOptions,
  CountOptions,
  DeleteOptions,
  GrantOptions,
  PutOptions,
  ReadOptions,
  ScanOptions,
  TransactOptions,
} from './options.ts';
import { asOf, recordsOf } from './past.ts';
import { toKeyRange, toTarget } from './ranges.ts';
import type { Range } from './ranges.ts';
import { answerOf, deleteResult, factsOf, foreign, putResult, replyOf } from './replies.ts';
import type { CompactResult, DeleteResult, IncrementResult, PutResult, ReadResult } from './replies.ts';
import { countPages, scanPages } from './scan.ts';
import type { ScanPlan } from './scan.ts';
import { transact, type Transaction } from './transact.ts';
import { toTxn } from './txn-encode.ts';
import { txnResult } from './txn-results.ts';
import type { Txn, TxnResult, TxnStep } from './txn-types.ts';
import { valueBytes } from './values.ts';
import type { Value } from './values.ts';

/** What `status` tells: the cluster as the nodes last described it, and this client's connections to it. */
export type Status = EngineStatus;

const NO_OPTIONS = {};
const ATTEMPTS_MAX = 16;

/**
 * A cluster to read from and write to; made by `connect`. Calls may overlap: all that are made in one turn of the event
 * loop leave in one frame. Every failure is a QuorateError; no event is ever emitted, and nothing throws where nobody
 * listens.
 */
export class Db implements AsyncDisposable {
  readonly #driver: Driver;
  readonly #timeoutMs: number;
  /** Leases by their ids. */
  readonly leases: Leases;

  /** Programs use `connect`. */
  constructor(driver: Driver, timeoutMs: number) {
    this.#driver = driver;
    this.#timeoutMs = timeoutMs;
    this.leases = new Leases(driver, timeoutMs);
  }

  /** Writes a value. With conditions, only if they hold; otherwise it rejects with CONFLICT. */
  async put(key: Key, value: Value, options: PutOptions = NO_OPTIONS): Promise<PutResult> {
    checkNames('put', options);
    const reply = await this.#write(options, {
      type: 'put',
      key: keyBytes(key, this.#limits?.keyBytesMax),
      value: valueBytes(value, this.#limits?.valueBytesMax),
      conditions: conditionsOf(options),
      returnPrevious: flag('returnPrevious', options.returnPrevious, false),
      ...leaseOf(options),
    });
    return putResult(replyOf('put', reply));
  }

  /** The record under a key; undefined when there is none. */
  async get(key: Key, options: ReadOptions = NO_OPTIONS): Promise<Entry | undefined> {
    return (await this.read(key, options)).entry;
  }

  /** Like `get`, with what the answer says of itself: revision, term, level, age. */
  async read(key: Key, options: ReadOptions = NO_OPTIONS): Promise<ReadResult> {
    checkNames('read', options);
    const keys = [keyBytes(key, this.#limits?.keyBytesMax)];
    const { answer, records, atRevision } = await this.#get(keys, options);
    const facts = factsOf(answer);
    return { entry: toEntry(records[0]), ...facts, revision: atRevision ?? facts.revision };
  }

  /** The records under several keys, as they stood at one moment: one place for each key, in the order asked. */
  async getMany(
    keys: readonly Key[],
    options: ReadOptions = NO_OPTIONS,
  ): Promise<readonly (Entry | undefined)[]> {
    checkNames('read', options);
    const wanted = keys.map((key) => keyBytes(key, this.#limits?.keyBytesMax));
    if (wanted.length === 0) return [];
    return (await this.#get(wanted, options)).records.map(toEntry);
  }

  /** Deletes a key, or all keys of a range at once. */
  async delete(target: Key | Range, options: DeleteOptions = NO_OPTIONS): Promise<DeleteResult> {
    checkNames('delete', options);
    const reply = await this.#write(options, {
      type: 'delete',
      target: toTarget(target, this.#limits?.keyBytesMax),
      conditions: conditionsOf(options),
      returnPrevious: flag('returnPrevious', options.returnPrevious, false),
    });
    return deleteResult(replyOf('delete', reply));
  }

  /**
   * Adds to a signed 64-bit counter, atomically. An absent key counts as 0; a value that is no decimal number rejects
   * with NOT_A_COUNTER, a sum that does not fit with COUNTER_OVERFLOW.
   */
  async increment(key: Key, by: bigint = 1n, options: CallOptions = NO_OPTIONS): Promise<IncrementResult> {
    checkNames('call', options);
    int64('an increment', by);
    const operation: Operation = { type: 'increment', key: keyBytes(key, this.#limits?.keyBytesMax), by };
    const { value, revision } = replyOf('increment', await this.#write(options, operation));
    return { value, revision };
  }

  /**
   * The entries of a range in key order as they stood at one moment, fetched page by page while they are consumed: the
   * first page fixes the revision of all. One that takes longer than history is kept ends with COMPACTED. Leaving the
   * loop early ends the scan.
   */
  scan(range: Range, options: ScanOptions = NO_OPTIONS): AsyncIterable<Entry> {
    return {
      [Symbol.asyncIterator]: () =>
        scanPages(() => {
          checkNames('scan', options);
          const limits = callLimits(options, this.#timeoutMs);
          return this.#plan(range, options, scanTerms(options), () => limits);
        }),
    };
  }

  /** How many keys a range has. */
  async count(range: Range, options: CountOptions = NO_OPTIONS): Promise<number> {
    checkNames('count', options);
    const limits = this.#deadline(options);
    return await countPages(this.#plan(range, options, scanTerms(options), limits));
  }

  /**
   * Compares, then does one of two lists of steps: all of it at once, as one revision, or nothing. One that only reads
   * is a read. Rejects with CONFLICT when a condition of a step does not hold; `when` that does not hold is no failure.
   */
  async txn<const Do extends readonly TxnStep[], const Otherwise extends readonly TxnStep[] = readonly []>(
    txn: Txn<Do, Otherwise>,
    options: CallOptions = NO_OPTIONS,
  ): Promise<TxnResult<Do, Otherwise>> {
    checkNames('call', options);
    const operation = toTxn(txn, this.#limits ?? NO_OPTIONS);
    const flaw = checkTxn(operation);
    if (flaw !== null) throw new QuorateError(flaw.code, flaw.message);
    if (isReadOnly(operation)) {
      const answer = answerOf('txn', await this.#read(options, operation));
      return txnResult(txn, answer.result);
    }
    return txnResult(txn, replyOf('txn', await this.#write(options, operation)));
  }

  /**
   * Runs a function that reads keys and says what to write, and writes it all at once if nothing that it read has
   * changed meanwhile; otherwise runs it again. So the function may run several times, and should do nothing else.
   * Gives what the function gave. What it throws ends it, and nothing is written.
   */
  async transact<Result>(
    body: (tx: Transaction) => Result | Promise<Result>,
    options: TransactOptions = NO_OPTIONS,
  ): Promise<Result> {
    checkNames('transact', options);
    const attemptsMax = wholeNumber('attemptsMax', options.attemptsMax ?? ATTEMPTS_MAX, 1);
    const limits = this.#deadline(options);
    return await transact(body, attemptsMax, {
      read: async (keys, atRevision) => {
        const wanted = keys.map((key) => keyBytes(key, this.#limits?.keyBytesMax));
        const { answer, records } = await this.#get(wanted, { ...limits(), atRevision });
        return { revision: atRevision ?? answer.revision, entries: records.map(toEntry) };
      },
      commit: async (txn) => (await this.txn(txn, limits())).succeeded,
    });
  }

  /**
   * Ends the history below a revision: it is then the oldest that can be read. Nodes do so by themselves, an hour or a
   * million revisions later.
   */
  async compact(revision: number, options: CallOptions = NO_OPTIONS): Promise<CompactResult> {
    checkNames('call', options);
    const operation: Operation = { type: 'compact', revision: wholeNumber('revision', revision, 1) };
    const { floor, revision: present } = replyOf('compact', await this.#write(options, operation));
    return { floor, revision: present };
  }

  /** A lease that is kept alive until it is revoked: keys that are put with it go when it ends. */
  async lease(options: GrantOptions): Promise<Lease> {
    return await this.leases.keep(options);
  }

  /**
   * What became of a write that failed with outcome `unknown`: the error, or its `details.operation`. If it was not
   * applied by now, it never will be. Rejects with SESSION_EXPIRED or SEQUENCE_ACKNOWLEDGED when nobody knows any more.
   */
  async resolve(operation: QuorateError | string, options: CallOptions = NO_OPTIONS): Promise<ResolvedWrite> {
    checkNames('call', options);
    return await resolveWrite(this.#driver, sequenceOf(operation), callLimits(options, this.#timeoutMs));
  }

  /** What was last heard of the cluster; asks nobody. */
  status(): Status {
    return this.#driver.status();
  }

  /**
   * Ends all connections. Calls that are still open reject with CLOSED, so wait for those that matter first; a write
   * among them that had been sent has outcome `unknown`. Never rejects.
   */
  async close(): Promise<void> {
    this.leases.abandonAll();
    await this.#driver.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Undefined until a node has told; then it is the node that refuses. */
  get #limits(): ClientLimits | undefined {
    return this.#driver.limits ?? undefined;
  }

  async #write(options: CallOptions, operation: Operation): Promise<Answer> {
    return await this.#driver.call(
      { kind: 'write', operation: encodeOperation(operation) },
      callLimits(options, this.#timeoutMs),
    );
  }

  async #read(options: ReadOptions, query: Query): Promise<ReadAnswer> {
    const { level, minRevision } = readTerms(options);
    const work = { kind: 'read', level, minRevision, query } as const;
    const answer = await this.#driver.call(work, callLimits(options, this.#timeoutMs));
    if (answer.type === 'answer') return answer;
    throw foreign('a read');
  }

  async #get(keys: readonly Uint8Array[], options: ReadOptions): Promise<Got> {
    const { atRevision } = readTerms(options);
    const answer = await this.#read(options, asOf(atRevision, { type: 'get', keys }));
    return { answer, atRevision, records: recordsOf(answer, atRevision) };
  }

  #plan(range: Range, options: ReadOptions, scanned: ScanTerms, limits: () => CallLimits): ScanPlan {
    const terms = readTerms(options);
    const { level } = terms;
    return {
      range: toKeyRange(range, this.#limits?.keyBytesMax),
      terms: { ...terms, ...scanned },
      fetch: (query, minRevision) =>
        this.#driver.start({ kind: 'read', level, minRevision, query }, limits()),
    };
  }

  /** For a call that is several requests: what is left for the next. */
  #deadline(options: CallOptions): () => CallLimits {
    const { timeoutMs, signal } = callLimits(options, this.#timeoutMs);
    const deadline = this.#driver.now() + timeoutMs;
    return () => {
      const leftMs = deadline - this.#driver.now();
      if (leftMs > 0) return { timeoutMs: leftMs, signal };
      const message = `${timeoutMs} ms passed before the next request was due`;
      throw new QuorateError('TIMEOUT', message, { outcome: 'not-applied' });
    };
  }
}

interface Got {
  readonly answer: ReadAnswer;
  readonly records: readonly (KvRecord | null)[];
  readonly atRevision: number | null;
}
