import type {
  DurableState,
  Entry,
  Fetch,
  HardState,
  Input,
  Membership,
  Message,
  NodeId,
  Output,
  Position,
  RaftOptions,
  TermRun,
  Write,
} from '../../raft/index.ts';
import { Raft } from '../../raft/index.ts';

/** What can happen to one node. */
export type Happening =
  /** Its election timer fires and others would vote for it; what is said in pre-votes promises nothing. */
  | { readonly type: 'campaign' }
  /** Its clock reaches the next moment at which a leader speaks or gives up. */
  | { readonly type: 'heartbeat' }
  | { readonly type: 'message'; readonly message: Message }
  | { readonly type: 'propose'; readonly value: number }
  /** Its oldest open write is on disk, and it hears of it. */
  | { readonly type: 'persist' }
  /** Of its open writes the first `kept` are on disk; it starts again. */
  | { readonly type: 'crash'; readonly kept: number }
  /** Alone for two rounds, then refused for its log by a voter whose log ends there. */
  | { readonly type: 'refused'; readonly by: NodeId; readonly ahead: Position };

/** What survives a crash. */
export interface DiskImage {
  readonly hardState: HardState;
  readonly entries: readonly Entry[];
  readonly commitHint: number;
}

export const EMPTY_DISK: DiskImage = { hardState: { term: 0, votedFor: null }, entries: [], commitHint: 0 };

const ELECTION_TIMEOUT_MS = 100;
const WAKES_MAX = 8;

/**
 * One real core with a disk that finishes a write on command. Its clock is its own and moves only when a timer fires:
 * no law may depend on how the clocks of two nodes relate.
 */
export class ExploredNode {
  readonly id: NodeId;
  readonly #membership: Membership;
  #raft: Raft;
  #disk: DiskImage;
  #log: readonly Entry[];
  #open: Write[] = [];
  #sent: Message[] = [];
  #now = 0;
  #wakeAt = 0;
  /** The terms that it was seen to begin to lead, since the last look. */
  #elected: number[] = [];

  constructor(id: NodeId, membership: Membership, disk: DiskImage) {
    this.id = id;
    this.#membership = membership;
    this.#disk = disk;
    this.#log = disk.entries;
    this.#raft = this.#boot();
  }

  get disk(): DiskImage {
    return this.#disk;
  }

  /** The log in memory. */
  get log(): readonly Entry[] {
    return this.#log;
  }

  get openWrites(): number {
    return this.#open.length;
  }

  get status(): ReturnType<Raft['status']> {
    return this.#raft.status();
  }

  /** Equal for nodes that will do the same. */
  fingerprint(): string {
    const log = this.#log.map(nameOf);
    const disk = [this.#disk.hardState, this.#disk.entries.map(nameOf), this.#disk.commitHint];
    return `["${this.id}",${this.#raft.fingerprint(this.#now)},${JSON.stringify([log, disk])}]`;
  }

  /** What it said and which terms it began to lead since the last call. */
  takeNews(): { readonly sent: readonly Message[]; readonly elected: readonly number[] } {
    const news = { sent: this.#sent, elected: this.#elected };
    this.#sent = [];
    this.#elected = [];
    return news;
  }

  happen(what: Happening): void {
    switch (what.type) {
      case 'campaign':
        return this.#campaign();
      case 'heartbeat':
        this.#now = this.#wakeAt;
        return this.#step({ type: 'wake' });
      case 'message':
        return this.#step({ type: 'message', message: arriving(what.message) });
      case 'propose':
        return this.#step({ type: 'propose', ref: 0, payloads: [Uint8Array.of(what.value)] });
      case 'persist':
        return this.#persist();
      case 'crash':
        return this.#crash(what.kept);
      case 'refused':
        return this.#refused(what.by, what.ahead);
    }
  }

  #boot(): Raft {
    const options: RaftOptions = {
      id: this.id,
      heartbeatMs: ELECTION_TIMEOUT_MS * 0.4,
      electionTimeoutMinMs: ELECTION_TIMEOUT_MS,
      electionTimeoutMaxMs: ELECTION_TIMEOUT_MS,
      writesInFlightMax: 8,
      windowMessages: 2,
      windowBytes: 1_000,
      appendBytesMax: 1_000,
      uncommittedBytesMax: 1_000,
      tailBytesMax: 1_000_000,
      random: () => 0,
      checkInvariants: 'all',
    };
    this.#raft = Raft.restore(options, recovered(this.#disk, this.#membership), this.#now);
    this.#drain();
    return this.#raft;
  }

  /** The grant is made up: whoever would not grant is as good as whoever granted and then changed its mind. */
  #campaign(): void {
    this.#ask();
    this.#grant(this.#membership.voters.find((id) => id !== this.id));
  }

  #grant(from: NodeId | undefined): void {
    const { role, term } = this.status;
    if (role !== 'preCandidate' || from === undefined) return;
    const reply = {
      type: 'preVoteReply',
      from,
      to: this.id,
      term: term + 1,
      granted: true,
      ahead: null,
    } as const;
    this.#step({ type: 'message', message: reply });
  }

  #ask(): void {
    for (
      let wakes = 0;
      wakes === 0 || (this.status.role !== 'preCandidate' && wakes < WAKES_MAX);
      wakes += 1
    ) {
      this.#now = Math.max(this.#now, this.#wakeAt);
      this.#step({ type: 'wake' });
    }
  }

  #refused(by: NodeId, ahead: Position): void {
    this.#ask();
    this.#ask();
    const { role, term } = this.status;
    if (role !== 'preCandidate') return;
    const reply = { type: 'preVoteReply', from: by, to: this.id, term, granted: false, ahead } as const;
    this.#step({ type: 'message', message: reply });
  }

  #persist(): void {
    const write = this.#open.shift();
    if (write === undefined) return;
    this.#disk = perform(this.#disk, write);
    this.#step({ type: 'persisted', through: write.seq });
  }

  #crash(kept: number): void {
    for (const write of this.#open.slice(0, kept)) this.#disk = perform(this.#disk, write);
    this.#open = [];
    this.#log = this.#disk.entries;
    this.#now = 0;
    this.#boot();
  }

  #step(input: Input): void {
    this.#raft.step(input, this.#now);
    this.#drain();
  }

  #drain(): void {
    const output = this.#raft.drain(this.#now);
    this.#wakeAt = output.wakeAt;
    if (output.persist !== null) {
      this.#open.push(output.persist);
      this.#log = perform({ ...EMPTY_DISK, entries: this.#log }, output.persist).entries;
    }
    for (const message of output.messages) if (!isPreVote(message)) this.#sent.push(leaving(message));
    if (output.leadership?.role === 'leader') this.#elected.push(output.leadership.term);
    this.#obey(output);
  }

  /** Storage and state machine answer at once. */
  #obey(output: Output): void {
    for (const fetch of output.fetches) this.#fetch(fetch);
    const through = output.apply[output.apply.length - 1]?.index;
    if (through !== undefined) this.#step({ type: 'applied', through });
  }

  #fetch({ fetch, from, to }: Fetch): void {
    this.#step({ type: 'fetched', fetch, entries: this.#disk.entries.slice(from - 1, to) });
  }
}

/** An entry by what makes it different from others. */
export function nameOf(entry: Entry): string {
  return entry.kind === 'command' ? `${entry.term}=${entry.data[0] ?? ''}` : `${entry.term}`;
}

function perform(disk: DiskImage, write: Write): DiskImage {
  const kept = write.truncateFrom === null ? disk.entries : disk.entries.slice(0, write.truncateFrom - 1);
  return {
    hardState: write.hardState ?? disk.hardState,
    entries: [...kept, ...write.append],
    commitHint: Math.max(disk.commitHint, write.commitHint),
  };
}

function recovered({ hardState, entries, commitHint }: DiskImage, membership: Membership): DurableState {
  const terms: TermRun[] = [];
  for (const { index, term } of entries) {
    if (terms[terms.length - 1]?.term !== term) terms.push({ from: index, term });
  }
  const last = entries[entries.length - 1] ?? { index: 0, term: 0 };
  return {
    hardState,
    last: { index: last.index, term: last.term },
    terms,
    memberships: [{ index: 0, membership }],
    commitHint,
  };
}

function isPreVote(message: Message): boolean {
  return message.type === 'preVote' || message.type === 'preVoteReply';
}

/** Without the sender's clock, so that messages that say the same are the same. */
function leaving(message: Message): Message {
  return message.type === 'append' || message.type === 'appendReply' ? { ...message, sentAt: 0 } : message;
}

/** An answer proves contact as of now: when it was asked matters to CheckQuorum alone, never to a law. */
function arriving(message: Message): Message {
  return message.type === 'appendReply' ? { ...message, sentAt: Number.MAX_SAFE_INTEGER } : message;
}
