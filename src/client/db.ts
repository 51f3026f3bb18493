import type { ClientLimits, Operation, Query } from '../wire/client-protocol.ts';
import { QuorateError } from '../wire/errors.ts';
import { encodeOperation } from '../wire/operation-codec.ts';
import { callLimits, checkNames, conditionsOf, flag, readTerms, scanTerms } from './checked-options.ts';
import type { ReadTerms } from './checked-options.ts';
import type { CallLimits, Driver } from './driver.ts';
import type { EngineStatus } from './engine/engine.ts';
import type { Answer } from './engine/request.ts';
import { toEntry } from './entry.ts';
import type { Entry } from './entry.ts';
import { keyBytes } from './keys.ts';
import type { Key } from './keys.ts';
import type { CallOptions, DeleteOptions, PutOptions, ReadOptions, ScanOptions } from './options.ts';
import { toKeyRange, toTarget } from './ranges.ts';
import type { Range } from './ranges.ts';
import { answerOf, deleteResult, factsOf, putResult, replyOf } from './replies.ts';
import type { DeleteResult, IncrementResult, PutResult, ReadResult } from './replies.ts';
import { scanPages } from './scan.ts';
import { valueBytes } from './values.ts';
import type { Value } from './values.ts';

/** What `status` tells: the cluster as the nodes last described it, and this client's connections to it. */
export type Status = EngineStatus;

const INT64_MAX = 2n ** 63n - 1n;
const NO_OPTIONS = {};

/**
 * A cluster to read from and write to; made by `connect`. Calls may overlap: all that are made in one turn of the event
 * loop leave in one frame. Every failure is a QuorateError; no event is ever emitted, and nothing throws where nobody
 * listens.
 */
export class Db implements AsyncDisposable {
  readonly #driver: Driver;
  readonly #timeoutMs: number;

  /** Programs use `connect`. */
  constructor(driver: Driver, timeoutMs: number) {
    this.#driver = driver;
    this.#timeoutMs = timeoutMs;
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
    const answer = answerOf('get', await this.#read(options, { type: 'get', keys }));
    return { entry: toEntry(answer.result.records[0]), ...factsOf(answer) };
  }

  /** The records under several keys, as they stood at one moment: one place for each key, in the order asked. */
  async getMany(
    keys: readonly Key[],
    options: ReadOptions = NO_OPTIONS,
  ): Promise<readonly (Entry | undefined)[]> {
    checkNames('read', options);
    const wanted = keys.map((key) => keyBytes(key, this.#limits?.keyBytesMax));
    if (wanted.length === 0) return [];
    const answer = answerOf('get', await this.#read(options, { type: 'get', keys: wanted }));
    return answer.result.records.map(toEntry);
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
    if (typeof by !== 'bigint' || by > INT64_MAX || by < -INT64_MAX - 1n) {
      throw new QuorateError('INVALID_ARGUMENT', `an increment is a signed 64-bit bigint, not ${String(by)}`);
    }
    const operation: Operation = { type: 'increment', key: keyBytes(key, this.#limits?.keyBytesMax), by };
    const { value, revision } = replyOf('increment', await this.#write(options, operation));
    return { value, revision };
  }

  /**
   * The entries of a range in key order, fetched page by page while they are consumed. Each page shows one moment; a
   * later page never shows an earlier one. Leaving the loop early ends the scan.
   */
  scan(range: Range, options: ScanOptions = NO_OPTIONS): AsyncIterable<Entry> {
    return {
      [Symbol.asyncIterator]: () =>
        scanPages(() => {
          checkNames('scan', options);
          const limits = callLimits(options, this.#timeoutMs);
          const { level } = readTerms(options);
          return {
            range: toKeyRange(range, this.#limits?.keyBytesMax),
            terms: { ...readTerms(options), ...scanTerms(options) },
            fetch: (query, minRevision) =>
              this.#driver.start({ kind: 'read', level, minRevision, query }, limits),
          };
        }),
    };
  }

  /** How many keys a range has. */
  async count(range: Range, options: ReadOptions = NO_OPTIONS): Promise<number> {
    checkNames('read', options);
    const answer = await this.#read(options, {
      type: 'scan',
      range: toKeyRange(range, this.#limits?.keyBytesMax),
      limit: 0,
      reverse: false,
      keysOnly: true,
      countOnly: true,
    });
    return answerOf('scan', answer).result.count;
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
      this.#callLimits(options),
    );
  }

  async #read(options: ReadOptions, query: Query): Promise<Answer> {
    const { level, minRevision }: ReadTerms = readTerms(options);
    return await this.#driver.call({ kind: 'read', level, minRevision, query }, this.#callLimits(options));
  }

  #callLimits(options: CallOptions): CallLimits {
    return callLimits(options, this.#timeoutMs);
  }
}
