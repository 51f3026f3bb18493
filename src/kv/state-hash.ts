/**
 * What is hashed, and how: every member of the state's digest under a seed of its kind, so that equal bytes of two
 * kinds are not taken for each other. The layout is part of what replicas compare; changing it needs a new format.
 */
import { Murmur128, type Lanes } from './murmur128.ts';
import type { Bytes, KvRecord, Revision } from './operation.ts';
import { writeLanes } from './record-layout.ts';
import type { ReplyBytes } from './reply-bytes.ts';
import type { ReplyFields, SessionFields } from './session-digest.ts';

const SEEDS = { scalars: 0, record: 1, removal: 2, session: 3, answered: 4, lease: 5 } as const;

/** createRevision, modRevision, version as float64 and lease as int64, little-endian. */
const RECORD_NUMBERS_BYTES = 32;
const SCALARS_BYTES = 24;
/** The hash of the record that is removed, and the revision that removes it. */
const REMOVAL_BYTES = 24;

export class RecordHasher {
  readonly #murmur = new Murmur128();
  readonly #numbers = new DataView(new ArrayBuffer(RECORD_NUMBERS_BYTES));
  /** Of the buffer seen last: keys and values of one log block share theirs, and a view costs half of the hashing. */
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** Valid until the next call. */
  hash(record: KvRecord): Lanes {
    this.#murmur.start(SEEDS.record);
    this.#absorb(record.key);
    this.#absorb(record.value);
    this.#numbers.setFloat64(0, record.createRevision, true);
    this.#numbers.setFloat64(8, record.modRevision, true);
    this.#numbers.setFloat64(16, record.version, true);
    this.#numbers.setBigInt64(24, record.lease, true);
    this.#murmur.absorb(this.#numbers, 0, RECORD_NUMBERS_BYTES);
    return this.#murmur;
  }

  /** Of a removal as an event. Valid until the next call. */
  hashRemoval(removed: Lanes, revision: Revision): Lanes {
    writeLanes(this.#numbers, 0, removed);
    this.#numbers.setFloat64(16, revision, true);
    this.#murmur.start(SEEDS.removal);
    this.#murmur.absorb(this.#numbers, 0, REMOVAL_BYTES);
    return this.#murmur;
  }

  #absorb(bytes: Bytes): void {
    if (this.#view.buffer !== bytes.buffer) this.#view = new DataView(bytes.buffer);
    this.#murmur.absorb(this.#view, bytes.byteOffset, bytes.byteLength);
  }
}

const LEASE_BYTES = 24;

export class LeaseHasher {
  readonly #murmur = new Murmur128();
  readonly #numbers = new DataView(new ArrayBuffer(LEASE_BYTES));

  /** Valid until the next call. */
  hash(id: bigint, ttlMs: number, deadlineMs: number): Lanes {
    this.#numbers.setBigInt64(0, id, true);
    this.#numbers.setFloat64(8, ttlMs, true);
    this.#numbers.setFloat64(16, deadlineMs, true);
    this.#murmur.start(SEEDS.lease);
    this.#murmur.absorb(this.#numbers, 0, LEASE_BYTES);
    return this.#murmur;
  }
}

const SESSION_BYTES = 32;
/** Of the session's id and the sequence, before the reply. */
const ANSWERED_BYTES = 16;

/** Of sessions and of the replies that they keep. Each result is valid until the next call. */
export class SessionHasher {
  readonly #murmur = new Murmur128();
  readonly #numbers = new DataView(new ArrayBuffer(SESSION_BYTES));

  hash({ id, ttlMs, deadlineMs, acknowledgedThrough }: SessionFields): Lanes {
    this.#numbers.setBigInt64(0, id, true);
    this.#numbers.setFloat64(8, ttlMs, true);
    this.#numbers.setFloat64(16, deadlineMs, true);
    this.#numbers.setFloat64(24, acknowledgedThrough, true);
    this.#murmur.start(SEEDS.session);
    this.#murmur.absorb(this.#numbers, 0, SESSION_BYTES);
    return this.#murmur;
  }

  /** `bytes`: of the reply. */
  hashReply({ session, sequence }: Pick<ReplyFields, 'session' | 'sequence'>, bytes: ReplyBytes): Lanes {
    this.#numbers.setBigInt64(0, session, true);
    this.#numbers.setFloat64(8, sequence, true);
    this.#murmur.start(SEEDS.answered);
    this.#murmur.absorb(this.#numbers, 0, ANSWERED_BYTES);
    this.#murmur.absorb(bytes.view, 0, bytes.length);
    return this.#murmur;
  }
}

export function hashScalars(revision: Revision, clusterTimeMs: number, floor: Revision): Lanes {
  const numbers = new DataView(new ArrayBuffer(SCALARS_BYTES));
  numbers.setFloat64(0, revision, true);
  numbers.setFloat64(8, clusterTimeMs, true);
  numbers.setFloat64(16, floor, true);
  const murmur = new Murmur128();
  murmur.start(SEEDS.scalars);
  murmur.absorb(numbers, 0, SCALARS_BYTES);
  return murmur;
}
