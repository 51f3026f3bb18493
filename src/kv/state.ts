/**
 * All that is replicated: the tables and a few numbers. A table that is not in the list is not in the digest and not
 * in a snapshot, so the list is the one place to add one (leases, sessions, locks).
 */
import { invariant } from './assert.ts';
import { History, type Savepoint } from './history.ts';
import type { Revision } from './operation.ts';
import type { Past } from './past.ts';
import { RecordTable } from './record-table.ts';
import { SetDigest } from './set-digest.ts';
import { RevisionTimes } from './revision-times.ts';
import { hashScalars } from './state-hash.ts';

export interface Tables {
  readonly records: RecordTable;
  readonly history: History;
}

/** What every table has. */
interface Table {
  readonly digest: SetDigest;
}

/** An empty store is at 1; its first write makes 2 (SPEC 2). */
const EMPTY_STORE: Revision = 1;

export class State {
  readonly tables: Tables = emptyTables();
  /** Advice for the leader, made from what is applied; not replicated state. */
  readonly times = new RevisionTimes();
  #appliedIndex = 0;
  #clusterTimeMs = 0;
  #revision: Revision = EMPTY_STORE;
  #changed = false;

  get appliedIndex(): number {
    return this.#appliedIndex;
  }

  get clusterTimeMs(): number {
    return this.#clusterTimeMs;
  }

  /** Of the last change; an operation that changes nothing answers with it. */
  get revision(): Revision {
    return this.#revision;
  }

  beginEntry(index: number, clusterTimeMs: number): void {
    invariant(
      index === this.#appliedIndex + 1,
      `the log is applied in order, without a gap: ${index} after ${this.#appliedIndex}`,
    );
    this.#appliedIndex = index;
    // Cluster time never goes back, whatever an entry says (SPEC 4); an entry without requests says 0.
    this.#clusterTimeMs = Math.max(this.#clusterTimeMs, clusterTimeMs);
    this.times.passed(this.#clusterTimeMs, this.#revision);
  }

  beginOperation(): void {
    this.#changed = false;
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

function emptyTables(): Tables {
  const history = new History();
  return { records: new RecordTable(history), history };
}
