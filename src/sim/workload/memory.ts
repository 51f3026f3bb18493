/** What a client has seen, so that what it asks next has a chance to hold, and to meet an edge. */
import type { Failure, KvRecord, QueryResult, Reply, Revision } from '../../kv/operation.ts';

export interface Seen {
  /** By key, as last shown. */
  readonly records: ReadonlyMap<string, KvRecord>;
  /** Of the newest answer. */
  readonly revision: Revision;
  /** The oldest revision that can be read, as far as anybody said. */
  readonly floor: Revision;
}

export class Memory implements Seen {
  readonly #records = new Map<string, KvRecord>();
  #revision: Revision = 0;
  #floor: Revision = 0;

  get records(): ReadonlyMap<string, KvRecord> {
    return this.#records;
  }

  get revision(): Revision {
    return this.#revision;
  }

  get floor(): Revision {
    return this.#floor;
  }

  told(reply: Reply): void {
    this.#revision = Math.max(this.#revision, reply.revision);
    if (reply.type === 'compact') this.#floorIs(reply.floor);
    if (reply.type === 'failure') this.#refused(reply.failure);
  }

  shown(revision: Revision, result: QueryResult): void {
    this.#revision = Math.max(this.#revision, revision);
    if (result.type === 'failure') this.#refused(result.failure);
    if (result.type !== 'get') return;
    for (const record of result.records) {
      if (record !== null) this.#records.set(Buffer.from(record.key).toString(), record);
    }
  }

  #refused(failure: Failure): void {
    if (failure.code === 'COMPACTED') this.#floorIs(failure.floor);
    if (failure.code === 'TXN_FAILED') this.#refused(failure.cause);
  }

  #floorIs(floor: Revision): void {
    this.#floor = Math.max(this.#floor, floor);
  }
}
