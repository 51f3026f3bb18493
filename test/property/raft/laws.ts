import type { Entry, Message, Write } from '../../../src/raft/index.ts';
import type { Disk } from './disk.ts';

/**
 * What must hold for the cluster as a whole, whatever happens; each law throws when it is broken.
 */
export class Laws {
  readonly #disks: ReadonlyMap<string, Disk>;
  readonly #leaders = new Map<number, string>();
  readonly #entries = new Map<string, string>();
  readonly #committed: Entry[] = [];
  /** The highest index that any node has known to be committed. */
  committedMax = 0;

  constructor(disks: ReadonlyMap<string, Disk>) {
    this.#disks = disks;
  }

  get committed(): readonly Entry[] {
    return this.#committed;
  }

  /** Election Safety: one leader per term. A node that restarts is somebody else: it may not lead its term again. */
  leads(term: number, node: string, incarnation: number): void {
    const name = `${node} #${incarnation}`;
    const known = this.#leaders.get(term) ?? name;
    check(known === name, `term ${term} is led by ${known} and by ${name}`);
    this.#leaders.set(term, name);
  }

  /** Log Matching: one content per (index, term), and always after the same previous entry. */
  writes(write: Write, disk: Disk, pending: readonly Write[]): void {
    const [first] = write.append;
    if (first === undefined) return;
    let previous = lastTermBefore(first.index, disk, pending);
    for (const entry of write.append) {
      const key = `${entry.index}@${entry.term}`;
      const content = `${contentOf(entry)} after term ${previous}`;
      const known = this.#entries.get(key) ?? content;
      check(known === content, `${key} is "${known}" and "${content}"`);
      this.#entries.set(key, content);
      previous = entry.term;
    }
  }

  /** A promise is on the sender's disk when it leaves (edge cases A3 to A6). */
  sends(message: Message, disk: Disk): void {
    const { term, votedFor } = disk.hardState;
    if (message.type === 'vote') {
      check(
        term === message.term && votedFor === message.from,
        `${message.from} campaigns before its own vote is durable`,
      );
    }
    if (message.type === 'voteReply' && message.granted) {
      check(
        term === message.term && votedFor === message.to,
        `${message.from} grants before its vote is durable`,
      );
    }
    if (message.type === 'appendReply' && message.result.accepted) {
      check(term === message.term, `${message.from} acknowledges before its term is durable`);
      check(disk.entries.length >= message.result.match, `${message.from} acknowledges what is not durable`);
    }
  }

  /** State Machine Safety, and each committed entry is on the disks of a majority when it is first applied. */
  applies(entry: Entry): void {
    const known = this.#committed[entry.index - 1];
    if (known !== undefined) {
      check(
        sameEntry(known, entry),
        `index ${entry.index} is applied as ${keyOf(known)} and as ${keyOf(entry)}`,
      );
      return;
    }
    check(
      entry.index === this.#committed.length + 1,
      `index ${entry.index} is applied before its predecessor`,
    );
    let holders = 0;
    for (const disk of this.#disks.values()) if (disk.termAt(entry.index) === entry.term) holders += 1;
    check(holders * 2 > this.#disks.size, `${keyOf(entry)} is applied and only ${holders} disks hold it`);
    this.#committed.push(entry);
  }

  /** Linearizable reads: nothing that was committed before the read began is missing. */
  reads(index: number, committedBefore: number): void {
    check(
      index >= committedBefore,
      `a read at ${index} misses ${committedBefore}, committed before it began`,
    );
  }
}

export function check(holds: boolean, broken: string): void {
  if (!holds) throw new Error(broken);
}

function lastTermBefore(index: number, disk: Disk, pending: readonly Write[]): number {
  let term = disk.termAt(index - 1);
  for (const write of pending) {
    for (const entry of write.append) if (entry.index === index - 1) term = entry.term;
  }
  return term;
}

function keyOf(entry: Entry): string {
  return `${entry.index}@${entry.term} ${contentOf(entry)}`;
}

function contentOf(entry: Entry): string {
  return entry.kind === 'command' ? entry.data.join('.') : entry.kind;
}

function sameEntry(left: Entry, right: Entry): boolean {
  return left.term === right.term && contentOf(left) === contentOf(right);
}
