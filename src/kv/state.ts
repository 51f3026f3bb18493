/**
 * All that is replicated: the tables and a few numbers. A table that is not in the list is not in the digest and not
 * in a snapshot, so the list is the one place to add one (locks).
 */
import { invariant } from './assert.ts';
import { History, type Savepoint } from './history.ts';
import type { Revision } from './operation.ts';
import type { Past } from './past.ts';
import { LeaseTable } from './lease-table.ts';
import { RecordTable } from './record-table.ts';
import { SESSION_LIMITS, SessionTable, type SessionLimits } from './session-table.ts';
import { SetDigest } from './set-digest.ts';
import { RevisionTimes } from './revision-times.ts';
import { hashScalars } from './state-hash.ts';

export interface Tables {
  readonly records: RecordTable;
  readonly history: History;
  readonly leases: LeaseTable;
  readonly sessions: SessionTable;
}

/** What every table has. */
interface Table {
  readonly digest: SetDigest;
}

/** An empty store is at 1; its first write makes 2 (SPEC 2). */
const EMPTY_STORE: Revision = 1;

/** Bits of an id made from the place in the log that are the ordinal's. */
const ORDINAL_BITS = 20n;

export class State {
  readonly tables: Tables;
  /** Advice for the leader, made from what is applied; not replicated state. */
  readonly times = new RevisionTimes();
  #appliedIndex = 0;
  #clusterTimeMs = 0;
  #revision: Revision = EMPTY_STORE;
  #changed = false;
  #term = 0;
  #ordinal = 0;

  constructor(sessionLimits: SessionLimits = SESSION_LIMITS) {
    this.tables = emptyTables(sessionLimits);
  }

  get appliedIndex(): number {
    return this.#appliedIndex;
  }

  get clusterTimeMs(): number {
    return this.#clusterTimeMs;
  }

  /** Of the entry that is being applied. */
  get term(): number {
    return this.#term;
  }

  /** Of the last change; an operation that changes nothing answers with it. */
  get revision(): Revision {
    return this.#revision;
  }

  beginEntry(index: number, clusterTimeMs: number, term: number): void {
    invariant(
      index === this.#appliedIndex + 1,
      `the log is applied in order, without a gap: ${index} after ${this.#appliedIndex}`,
    );
    this.#appliedIndex = index;
    this.#term = term;
    // Cluster time never goes back, whatever an entry says (SPEC 4); an entry without requests says 0.
    this.#clusterTimeMs = Math.max(this.#clusterTimeMs, clusterTimeMs);
    this.times.passed(this.#clusterTimeMs, this.#revision);
  }

  /** `ordinal`: its place in the entry. */
  beginOperation(ordinal: number): void {
    this.#ordinal = ordinal;
    this.#changed = false;
  }

  /** What the operation changes from here on is another revision. */
  beginChange(): void {
    this.#changed = false;
  }

  /** The operation's place in the log as an id that is not taken. Callers may choose ids, so the place may be. */
  madeId(isTaken: (id: bigint) => boolean): bigint {
    let id = (BigInt(this.#appliedIndex) << ORDINAL_BITS) + BigInt(this.#ordinal);
    while (isTaken(id)) id += 1n;
    return id;
  }

  /** To be called by whatever changes a record: one operation makes one revision, however much it changes. */
  revisionOfChange(): Revision {
    if (this.#changed) return this.#revision;
    this.#changed = true;
    this.#revision += 1;
    invariant(Number.isSafeInteger(this.#revision), 'revisions stay below 2^53');
    return this.#revision;
  }

  /** What reads are made of. */
  view(): Past {
    const { records, history } = this.tables;
    return { records, history, revision: this.#revision };
  }

  /** Of the operation that has begun and has changed nothing yet. */
  savepoint(): Savepoint {
    invariant(!this.#changed, 'a savepoint stands before the first change');
    return this.tables.history.savepoint();
  }

  takeBack(savepoint: Savepoint): void {
    this.tables.records.takeBack(savepoint);
    if (this.#changed) this.#revision -= 1;
    this.#changed = false;
  }

  /** The place in the log is not part of it: entries that change nothing leave it as it is. */
  digest(): string {
    const all = new SetDigest();
    const tables: readonly Table[] = Object.values(this.tables);
    for (const table of tables) all.add(table.digest);
    all.add(hashScalars(this.#revision, this.#clusterTimeMs, this.tables.history.floor));
    return all.print();
  }
}

function emptyTables(sessionLimits: SessionLimits): Tables {
  const history = new History();
  const leases = new LeaseTable();
  const records = new RecordTable(history, leases);
  return { records, history, leases, sessions: new SessionTable(sessionLimits) };
}
