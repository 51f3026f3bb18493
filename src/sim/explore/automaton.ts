import type { Membership, Message, NodeId } from '../../raft/index.ts';
import { EMPTY_DISK, type DiskImage, ExploredNode, type Happening, nameOf } from './explored-node.ts';
import { checkPromise } from './laws.ts';

/** One node's state, found by running the real core; states with equal fingerprints are one. */
export interface NodeState {
  readonly number: number;
  readonly id: NodeId;
  readonly fingerprint: string;
  readonly term: number;
  readonly leads: boolean;
  readonly openWrites: number;
  readonly committed: number;
  readonly last: { readonly index: number; readonly term: number };
  /** Entries by name, in memory and on disk. */
  readonly log: readonly string[];
  readonly onDisk: readonly string[];
  /** How to come here: start from this disk, then let this happen. */
  readonly origin: DiskImage;
  readonly history: readonly Happening[];
  readonly next: Map<number, Change>;
}

/** What one happening does to one node. */
export interface Change {
  readonly to: NodeState;
  /** Numbers of the messages that it sends. */
  readonly sent: readonly number[];
  /** The terms that it begins to lead. */
  readonly elected: readonly number[];
}

/**
 * What nodes do, as a table that fills itself: (state, happening) → change. A core cannot be copied, but what it does
 * depends on nothing but what happened to it since it started; so a new row replays one such history, and every row is
 * worked out once, however many global states it occurs in.
 */
export class Automaton {
  readonly #membership: Membership;
  readonly #states: NodeState[] = [];
  readonly #byFingerprint = new Map<string, NodeState>();
  readonly #messages: Message[] = [];
  readonly #messageNumbers = new Map<string, number>();
  replays = 0;

  constructor(ids: readonly NodeId[]) {
    this.#membership = { voters: ids, outgoing: [], learners: [] };
  }

  get nodeStates(): number {
    return this.#states.length;
  }

  get messages(): number {
    return this.#messages.length;
  }

  initial(id: NodeId): NodeState {
    return this.#intern(new ExploredNode(id, this.#membership, EMPTY_DISK), EMPTY_DISK, []);
  }

  message(number: number): Message {
    const message = this.#messages[number];
    if (message === undefined) throw new Error(`no message ${number}`);
    return message;
  }

  messageText(number: number): string {
    return JSON.stringify(this.message(number), withBytes);
  }

  state(number: number): NodeState {
    const state = this.#states[number];
    if (state === undefined) throw new Error(`no node state ${number}`);
    return state;
  }

  /** @throws whatever the core or a law throws: that is a finding. */
  change(state: NodeState, key: number, what: Happening): Change {
    const known = state.next.get(key);
    if (known !== undefined) return known;
    const change = this.#workOut(state, what);
    state.next.set(key, change);
    return change;
  }

  #workOut(state: NodeState, what: Happening): Change {
    this.replays += 1;
    const node = new ExploredNode(state.id, this.#membership, state.origin);
    for (const earlier of state.history) node.happen(earlier);
    node.takeNews();
    node.happen(what);
    const { sent, elected } = node.takeNews();
    for (const message of sent) checkPromise(message, node.disk);
    const [origin, history] =
      what.type === 'crash' ? [node.disk, []] : [state.origin, [...state.history, what]];
    const numbers = sent.map((message) => this.#internMessage(message));
    return { to: this.#intern(node, origin, history), sent: [...new Set(numbers)], elected };
  }

  #intern(node: ExploredNode, origin: DiskImage, history: readonly Happening[]): NodeState {
    const fingerprint = node.fingerprint();
    const known = this.#byFingerprint.get(fingerprint);
    if (known !== undefined) return known;
    const { status } = node;
    const state: NodeState = {
      number: this.#states.length,
      id: node.id,
      fingerprint,
      term: status.term,
      leads: status.role === 'leader',
      openWrites: node.openWrites,
      committed: status.committed,
      last: status.last,
      log: node.log.map(nameOf),
      onDisk: node.disk.entries.map(nameOf),
      origin,
      history,
      next: new Map(),
    };
    this.#states.push(state);
    this.#byFingerprint.set(fingerprint, state);
    return state;
  }

  #internMessage(message: Message): number {
    const text = JSON.stringify(message, withBytes);
    const known = this.#messageNumbers.get(text);
    if (known !== undefined) return known;
    const number = this.#messages.length;
    this.#messages.push(message);
    this.#messageNumbers.set(text, number);
    return number;
  }
}

function withBytes(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? [...value] : value;
}
