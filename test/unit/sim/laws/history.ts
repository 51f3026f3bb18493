import type {
  DurableState,
  Entry,
  Message,
  NodeId,
  Position,
  RaftStatus,
  Role,
  TermRun,
} from '../../../../src/raft/index.ts';
import type { Observation } from '../../../../src/sim/laws/law.ts';
import { nodeId } from '../../../property/raft/ids.ts';

export const VOTERS: readonly NodeId[] = ['n1', 'n2', 'n3'].map(nodeId);

interface Written {
  readonly term?: number;
  readonly vote?: string;
  readonly cut?: number;
  readonly log?: string;
  readonly hint?: number;
  readonly seq?: number;
}

interface Turn {
  readonly role?: Role;
  readonly term: number;
  readonly vote?: string;
  readonly leader?: string;
  readonly last?: string;
  readonly committed?: number;
  readonly applied?: number;
}

/**
 * Observations as one would tell them. A log is written `1@1 2@1=x 3@2`: index @ term = what the entry says, which is
 * "same" where it does not matter.
 */
export class History {
  readonly observations: Observation[] = [];
  readonly #seqs = new Map<string, number>();

  starts(node: string, found: Omit<Written, 'cut' | 'seq'> = {}): this {
    const entries = logOf(found.log ?? '');
    const last = entries[entries.length - 1];
    const terms: TermRun[] = [];
    for (const { index, term } of entries) if (term !== terms.at(-1)?.term) terms.push({ from: index, term });
    const recovered: DurableState = {
      hardState: { term: found.term ?? 0, votedFor: idOf(found.vote) },
      last: { index: last?.index ?? 0, term: last?.term ?? 0 },
      terms,
      memberships: [{ index: 0, membership: { voters: VOTERS, outgoing: [], learners: [] } }],
      commitHint: found.hint ?? 0,
    };
    this.#seqs.delete(node);
    return this.#add({ type: 'started', node: nodeId(node), recovered, entries });
  }

  opens(node: string, directory: string, cluster: string | null): this {
    return this.#add({ type: 'opened', node: nodeId(node), directory, cluster });
  }

  founds(node: string, directory: string, cluster: string): this {
    return this.#add({ type: 'founded', node: nodeId(node), directory, cluster });
  }

  reads(node: string, from: number, log: string): this {
    return this.#add({ type: 'read', node: nodeId(node), from, entries: logOf(log) });
  }

  ends(node: string): this {
    return this.#add({ type: 'ended', node: nodeId(node) });
  }

  writes(node: string, { term, vote, cut, log, hint, seq }: Written): this {
    const next = seq ?? (this.#seqs.get(node) ?? 0) + 1;
    this.#seqs.set(node, next);
    const write = {
      seq: next,
      hardState: term === undefined ? null : { term, votedFor: idOf(vote) },
      truncateFrom: cut ?? null,
      append: logOf(log ?? ''),
      commitHint: hint ?? 0,
    };
    return this.#add({ type: 'persist', node: nodeId(node), write });
  }

  syncs(node: string): this {
    return this.#add({ type: 'durable', node: nodeId(node), through: this.#seqs.get(node) ?? 0 });
  }

  /** Writes, and it is durable. */
  stores(node: string, written: Written): this {
    return this.writes(node, written).syncs(node);
  }

  turns(node: string, turn: Turn): this {
    return this.#add({ type: 'turned', node: nodeId(node), status: statusOf(node, turn) });
  }

  leads(node: string, term: number, turn: Omit<Turn, 'term' | 'role' | 'vote' | 'leader'> = {}): this {
    return this.turns(node, { role: 'leader', term, vote: node, leader: node, ...turn });
  }

  /** Votes are on two disks, and the node leads. */
  elects(node: string, term: number, voter: string, turn: Parameters<History['leads']>[2] = {}): this {
    return this.stores(node, { term, vote: node })
      .stores(voter, { term, vote: node })
      .leads(node, term, turn);
  }

  asksVote(from: string, to: string, term: number, last = '0@0'): this {
    return this.#sends({ type: 'vote', ...head(from, to, term), last: position(last), reason: 'election' });
  }

  grantsVote(from: string, to: string, term: number): this {
    return this.#sends({ type: 'voteReply', ...head(from, to, term), granted: true });
  }

  appends(
    from: string,
    to: string,
    term: number,
    body: { after?: string; log?: string; commit?: number },
  ): this {
    return this.#sends({
      type: 'append',
      ...head(from, to, term),
      prev: position(body.after ?? '0@0'),
      entries: logOf(body.log ?? ''),
      commit: body.commit ?? 0,
      readSeq: 0,
      sentAt: 0,
    });
  }

  acknowledges(from: string, to: string, term: number, match: number): this {
    const result = { accepted: true, match } as const;
    return this.#sends({ type: 'appendReply', ...head(from, to, term), result, readSeq: 0, sentAt: 0 });
  }

  applies(node: string, entry: string, digest: string | null = null): this {
    for (const each of logOf(entry)) this.#add({ type: 'applied', node: nodeId(node), entry: each, digest });
    return this;
  }

  #sends(message: Message): this {
    return this.#add({ type: 'sent', node: message.from, message });
  }

  #add(observation: Observation): this {
    this.observations.push(observation);
    return this;
  }
}

function head(from: string, to: string, term: number): { from: NodeId; to: NodeId; term: number } {
  return { from: nodeId(from), to: nodeId(to), term };
}

function idOf(name: string | undefined): NodeId | null {
  return name === undefined ? null : nodeId(name);
}

function position(text: string): Position {
  const [index, term] = text.split('@').map(Number);
  return { index: index ?? 0, term: term ?? 0 };
}

function logOf(text: string): Entry[] {
  if (text === '') return [];
  return text.split(' ').map((word) => {
    const [where = '', what = 'same'] = word.split('=');
    return { kind: 'command', ...position(where), data: Buffer.from(what) };
  });
}

function statusOf(node: string, turn: Turn): RaftStatus {
  return {
    id: nodeId(node),
    role: turn.role ?? 'follower',
    term: turn.term,
    votedFor: idOf(turn.vote),
    leader: idOf(turn.leader),
    leaderHeardAt: 0,
    last: position(turn.last ?? '0@0'),
    durableIndex: 0,
    committed: turn.committed ?? 0,
    applied: turn.applied ?? 0,
    membership: { voters: VOTERS, outgoing: [], learners: [] },
    tailFirst: 1,
    tailBytes: 0,
    writesInFlight: 0,
    uncommittedBytes: 0,
    readsPending: 0,
    transferTarget: null,
    peers: [],
    malformed: 0,
  };
}
