import type { DurableState, Entry, HardState, Membership, TermRun, Write } from '../../../src/raft/index.ts';

/** What survives a crash, and nothing else; a write arrives whole or not at all. */
export class Disk {
  readonly #genesis: Membership;
  hardState: HardState = { term: 0, votedFor: null };
  entries: Entry[] = [];
  commitHint = 0;

  constructor(genesis: Membership) {
    this.#genesis = genesis;
  }

  perform(write: Write): void {
    if (write.hardState !== null) this.hardState = write.hardState;
    if (write.truncateFrom !== null) this.entries.length = write.truncateFrom - 1;
    for (const entry of write.append) {
      if (entry.index !== this.entries.length + 1)
        throw new Error(`a write leaves a gap before ${entry.index}`);
      this.entries.push(entry);
    }
    if (write.commitHint > this.entries.length) throw new Error('the commit hint is beyond the log');
    this.commitHint = Math.max(this.commitHint, write.commitHint);
  }

  termAt(index: number): number {
    return this.entries[index - 1]?.term ?? 0;
  }

  recover(): DurableState {
    const terms: TermRun[] = [];
    const memberships = [{ index: 0, membership: this.#genesis }];
    for (const entry of this.entries) {
      if (entry.term !== terms[terms.length - 1]?.term) terms.push({ from: entry.index, term: entry.term });
      if (entry.kind === 'membership') memberships.push({ index: entry.index, membership: entry.membership });
    }
    return {
      hardState: this.hardState,
      last: { index: this.entries.length, term: this.termAt(this.entries.length) },
      terms,
      memberships,
      commitHint: this.commitHint,
    };
  }
}
