/**
 * What each node has handed to its disk and what its disk holds, rebuilt from observations alone: the second book
 * that the laws hold the first against.
 *
 *   persist #4, #5, #6      written   = everything handed over      (the node's memory may be ahead of it)
 *   durable through #4      disk      = after #4;  pending = #5, #6
 *   ended                   memory is gone; #5, or #5 and #6, may still have reached the disk
 *   started                 what was found is the disk after #4, #5 or #6; anything else breaks the durability law
 */
import type { Entry, HardState, LogIndex, NodeId, Term, Write } from '../../raft/index.ts';
import type { Observation } from './law.ts';
import { PerNode } from './per-node.ts';
import { ShadowStore } from './shadow-log.ts';

export class NodeShadow {
  /** Everything handed to the disk: the node's memory, save for what it has not handed over yet. */
  readonly written = new ShadowStore();
  /** What is certainly on the disk. */
  readonly disk = new ShadowStore();
  /** Handed over, not known to be durable; oldest first. */
  readonly pending: Write[] = [];
  running = false;
  /** Counts starts; 0 before the first. */
  incarnation = 0;
  /** The newest term that it was seen to lead, and in which life; 0 for none. */
  ledTerm: Term = 0;
  ledIncarnation = 0;
  /** Its disk was destroyed on purpose: its next start answers for nothing from before. */
  forgiven = false;
  /** How far its log reached, at least, when its disk was destroyed; 0 if it never was. */
  destroyedThrough: LogIndex = 0;
  /** What the last start found wrong; null when it found what it had to. */
  loss: string | null = null;
  /** Term and vote that were certainly on the disk when it was last opened. */
  durableBefore: HardState = { term: 0, votedFor: null };
  /** What was wrong with the last write; null when it continues those before. */
  disorder: string | null = null;
  #nextSeq = 0;

  /** It leads now, as far as one can see from outside. */
  get leads(): boolean {
    return this.running && this.ledIncarnation === this.incarnation && this.ledTerm === this.written.term;
  }

  /** The term of its entry at `index`, what it has not handed over yet included when it leads: that is of its own term. */
  termAt(index: number): Term | undefined {
    return this.written.log.termAt(index) ?? (this.leads ? this.ledTerm : undefined);
  }

  started(found: HardState, entries: readonly Entry[]): void {
    const terms = entries.map((entry) => entry.term);
    const excused = this.forgiven || this.incarnation === 0;
    this.durableBefore = excused ? found : { term: this.disk.term, votedFor: this.disk.votedFor };
    const held = this.disk.describe();
    this.loss = excused || this.#replay(found, terms) ? null : this.#lossOf(found, entries, held);
    this.forgiven = false;
    this.pending.length = 0;
    this.disk.promise(found);
    this.disk.log.replace(terms);
    this.written.copyOf(this.disk);
    this.running = true;
    this.incarnation += 1;
    this.#nextSeq = 0;
    this.disorder = gapIn(entries);
  }

  ended(): void {
    this.running = false;
  }

  persist(write: Write): void {
    const inOrder = this.#nextSeq === 0 || write.seq === this.#nextSeq;
    this.#nextSeq = write.seq + 1;
    this.pending.push(write);
    const hole = this.written.perform(write);
    this.disorder = inOrder ? hole : `write #${write.seq} is out of turn`;
  }

  durable(through: number): void {
    let done = 0;
    for (const write of this.pending) {
      if (write.seq > through) break;
      this.disk.perform(write);
      done += 1;
    }
    this.pending.splice(0, done);
  }

  leading(term: Term): void {
    this.ledTerm = Math.max(term, this.ledTerm);
    this.ledIncarnation = this.incarnation;
  }

  /** Lets pending writes reach the disk, one by one, until it is as it was found. */
  #replay(found: HardState, terms: readonly Term[]): boolean {
    if (this.disk.equals(found, terms)) return true;
    return this.pending.some((write) => {
      this.disk.perform(write);
      return this.disk.equals(found, terms);
    });
  }

  #lossOf(found: HardState, entries: readonly Entry[], held: string): string {
    const opened = new ShadowStore();
    opened.promise(found);
    opened.log.replace(entries.map((entry) => entry.term));
    const open = this.pending.length === 0 ? '' : `, with its open writes ${this.written.describe()}`;
    return `it opens with ${opened.describe()}, but its disk held ${held}${open}`;
  }
}

export class ShadowLogs {
  readonly #nodes = new PerNode(() => new NodeShadow());

  of(node: NodeId): NodeShadow {
    return this.#nodes.of(node);
  }

  /** The disk of this node was destroyed on purpose: whatever its next start finds is right. */
  forgive(node: NodeId): void {
    const shadow = this.of(node);
    shadow.forgiven = true;
    shadow.destroyedThrough = Math.max(shadow.destroyedThrough, shadow.disk.log.lastIndex);
  }

  observe(observation: Observation): void {
    const shadow = this.of(observation.node);
    switch (observation.type) {
      case 'started':
        return shadow.started(observation.recovered.hardState, observation.entries);
      case 'ended':
        return shadow.ended();
      case 'persist':
        return shadow.persist(observation.write);
      case 'durable':
        return shadow.durable(observation.through);
      case 'sent':
        if (observation.message.type === 'append') shadow.leading(observation.message.term);
        return;
      case 'turned':
        if (observation.status.role === 'leader') shadow.leading(observation.status.term);
        return;
      case 'opened':
      case 'founded':
      case 'read':
      case 'applied':
        return;
    }
  }
}

function gapIn(entries: readonly Entry[]): string | null {
  const at = entries.findIndex((entry, place) => entry.index !== place + 1);
  return at === -1 ? null : `the log that it opens with has ${entries[at]?.index} where ${at + 1} belongs`;
}
