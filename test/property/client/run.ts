import { Engine, type Output } from '../../../src/client/engine/engine.ts';
import type { Settlement, Work } from '../../../src/client/engine/request.ts';
import type { ClientMessage, ServerMessage, Topology } from '../../../src/wire/client-protocol.ts';
import { QuorateError } from '../../../src/wire/errors.ts';
import { answerTo, ModelNode, type Reaction } from './model-node.ts';

export type Event =
  | { readonly type: 'submit'; readonly work: number; readonly timeoutMs: number }
  | { readonly type: 'react'; readonly node: number; readonly reaction: Reaction }
  | { readonly type: 'pass'; readonly ms: number }
  | { readonly type: 'leader'; readonly node: number; readonly leader: number }
  | { readonly type: 'cut'; readonly node: number }
  | { readonly type: 'silence'; readonly node: number; readonly silent: boolean }
  | { readonly type: 'goodbye'; readonly node: number }
  | { readonly type: 'down'; readonly node: number; readonly down: boolean }
  | { readonly type: 'abort'; readonly request: number };

const WORKS: readonly Work[] = [
  { kind: 'write', operation: new Uint8Array(8) },
  { kind: 'read', level: 'linearizable', minRevision: 0, query: { type: 'get', keys: [Uint8Array.of(1)] } },
  { kind: 'read', level: 'local', minRevision: 0, query: { type: 'get', keys: [Uint8Array.of(1)] } },
];

/** What is known of a request from outside the engine. */
interface Known {
  readonly work: Work;
  readonly deadline: number;
  settlement: Settlement | null;
  sends: number;
  /** Sends of which no node has said that they did nothing. */
  unaccounted: number;
}

/** The engine among model nodes; the laws are checked at each send and each settlement. */
export class Run {
  readonly #engine: Engine;
  readonly #nodes: readonly ModelNode[];
  readonly #inFlightMax: number;
  readonly #known = new Map<number, Known>();
  readonly #ids: number[] = [];
  #now = 0;
  #wakeAt = 0;
  #term = 1;
  #leader: string | null = 'n1';
  sends = 0;
  settled = 0;
  resends = 0;

  constructor(addresses: readonly string[], inFlightMax: number, seed: number) {
    const options = {
      seeds: addresses,
      discover: true,
      clusterId: null,
      sessions: false,
      clientName: 'model',
      retry: true,
    };
    this.#engine = new Engine(options, randomOf(seed));
    this.#nodes = addresses.map((address, index) => new ModelNode(`n${index + 1}`, address));
    this.#inFlightMax = inFlightMax;
  }

  happen(event: Event): void {
    switch (event.type) {
      case 'submit':
        return this.#submit(event.work, event.timeoutMs);
      case 'react':
        return this.#react(this.#node(event.node), event.reaction);
      case 'pass':
        return this.#pass(event.ms);
      case 'leader':
        return this.#elect(this.#node(event.node), event.leader);
      case 'cut':
        return this.#cut(this.#node(event.node));
      case 'silence':
        this.#node(event.node).silent = event.silent;
        return;
      case 'goodbye':
        return this.#goodbye(this.#node(event.node));
      case 'down':
        this.#node(event.node).down = event.down;
        if (event.down) this.#cut(this.#node(event.node));
        return;
      case 'abort': {
        const id = this.#ids[event.request];
        if (id !== undefined) this.#engine.abort(id, 'model');
        return this.#drain();
      }
    }
  }

  /** Time passes until nobody can be waiting any more. */
  finish(): void {
    this.#pass(10_000);
    must(this.#engine.openRequests === 0, 'a request outlived every deadline');
    for (const [id, { settlement }] of this.#known)
      must(settlement !== null, `request ${id} was never settled`);
  }

  #node(index: number): ModelNode {
    const node = this.#nodes[index];
    if (node === undefined) throw new Error(`no node ${index}`);
    return node;
  }

  #submit(workIndex: number, timeoutMs: number): void {
    const work = WORKS[workIndex];
    if (work === undefined) throw new Error(`no work ${workIndex}`);
    const id = this.#engine.submit(work, timeoutMs, this.#now);
    must(!this.#known.has(id), `request number ${id} was given twice`);
    this.#known.set(id, {
      work,
      deadline: this.#now + timeoutMs,
      settlement: null,
      sends: 0,
      unaccounted: 0,
    });
    this.#ids.push(id);
    this.#drain();
  }

  /** As the skin does it: a drain whenever the engine has asked for one. */
  #pass(ms: number): void {
    const until = this.#now + ms;
    while (this.#wakeAt <= until) {
      this.#now = this.#wakeAt;
      this.#drain();
    }
    this.#now = until;
    this.#drain();
  }

  #say(node: ModelNode, ...messages: readonly ServerMessage[]): void {
    if (node.connection === null || node.silent) return;
    this.#engine.received(node.connection, messages, this.#now);
    this.#drain();
  }

  #topology(): Topology {
    const members = this.#nodes.map(({ id, address }) => ({ id, client: address }));
    return { term: this.#term, leader: this.#leader, members };
  }

  #elect(node: ModelNode, leader: number): void {
    this.#term += 1;
    this.#leader = this.#nodes[leader]?.id ?? null;
    if (node.welcomed) this.#say(node, { type: 'topology', topology: this.#topology() });
  }

  #goodbye(node: ModelNode): void {
    if (!node.welcomed || node.silent) return;
    node.leaving = true;
    this.#say(node, { type: 'goodbye' });
  }

  #cut(node: ModelNode): void {
    const { connection } = node;
    if (connection === null) return;
    node.reset();
    this.#engine.lost(connection, new QuorateError('UNAVAILABLE', 'cut'), this.#now);
    this.#drain();
  }

  #react(node: ModelNode, reaction: Reaction): void {
    const request = node.open.values().next().value;
    if (request === undefined || node.silent) return;
    const { id } = request;
    const known = this.#knownAs(id);
    const failed = { type: 'failed', id, message: reaction, details: {} } as const;
    node.open.delete(id);
    switch (reaction) {
      case 'ignore':
        return;
      case 'answer':
        return this.#say(node, answerTo(request));
      case 'doubt':
        return this.#say(node, { ...failed, code: 'UNAVAILABLE', outcome: 'unknown' });
      case 'refuse':
        known.unaccounted -= 1;
        return this.#say(node, { ...failed, code: 'NO_QUORUM', outcome: 'not-applied' });
      case 'turn-away':
        known.unaccounted -= 1;
        return this.#say(node, { ...failed, code: 'SHUTTING_DOWN', outcome: 'not-applied' });
      case 'overload': {
        known.unaccounted -= 1;
        const details = { retryAfterMs: 40 };
        return this.#say(node, { ...failed, code: 'OVERLOADED', outcome: 'not-applied', details });
      }
    }
  }

  #drain(): void {
    const output = this.#engine.drain(this.#now);
    this.#wakeAt = output.wakeAt;
    must(this.#wakeAt > this.#now, `drained at ${this.#now}, wants to be drained again at ${this.#wakeAt}`);
    for (const settlement of output.settled) this.#settle(settlement);
    for (const { connection, messages } of output.frames) {
      const node = this.#nodes.find((each) => each.connection === connection);
      must(node !== undefined, `sent on connection ${connection}, which is closed`);
      for (const message of messages) this.#receive(node, message);
    }
    for (const connection of output.hangUps)
      this.#nodes.find((each) => each.connection === connection)?.reset();
    this.#answerDials(output);
    this.#answerPings();
  }

  readonly #pings: ModelNode[] = [];

  #answerPings(): void {
    for (let node = this.#pings.pop(); node !== undefined; node = this.#pings.pop()) {
      this.#say(node, { type: 'pong', nonce: 1 });
    }
  }

  #answerDials({ dials }: Output): void {
    for (const { connection, address } of dials) {
      const node = this.#nodes.find((each) => each.address === address);
      must(node !== undefined, `dialled ${address}, which nobody named`);
      must(node.connection === null, `a second connection to ${address}`);
      if (node.down) {
        this.#engine.lost(connection, new QuorateError('UNAVAILABLE', 'ECONNREFUSED'), this.#now);
        this.#drain();
        continue;
      }
      node.connection = connection;
      this.#engine.opened(connection);
      this.#drain();
    }
  }

  #receive(node: ModelNode, message: ClientMessage): void {
    switch (message.type) {
      case 'hello':
        must(!node.welcomed, 'a second hello');
        if (node.silent) return;
        node.welcomed = true;
        return this.#say(node, node.welcome(this.#topology(), this.#inFlightMax));
      case 'ping':
        this.#pings.push(node);
        return;
      case 'cancel':
        node.open.delete(message.id);
        return;
      case 'write':
      case 'read':
        return this.#take(node, message);
    }
  }

  #take(node: ModelNode, message: Extract<ClientMessage, { type: 'write' | 'read' }>): void {
    const known = this.#knownAs(message.id);
    must(known.settlement === null, `request ${message.id} was sent after it was settled`);
    must(node.welcomed, `${node.id} was sent a request before it welcomed us`);
    must(!node.leaving, `${node.id} was sent a request after it said goodbye`);
    must(
      message.timeoutMs <= Math.max(1, known.deadline - this.#now),
      'the node was given more time than is left',
    );
    if (known.work.kind === 'write') {
      must(known.unaccounted === 0, `write ${message.id} was sent again though it may have been applied`);
    }
    known.sends += 1;
    known.unaccounted += 1;
    this.sends += 1;
    if (known.sends > 1) this.resends += 1;
    node.open.set(message.id, message);
    must(node.open.size <= this.#inFlightMax, `${node.id} has ${node.open.size} requests in flight`);
  }

  #settle(settlement: Settlement): void {
    const known = this.#knownAs(settlement.id);
    must(known.settlement === null, `request ${settlement.id} was settled twice`);
    must(this.#now <= known.deadline, `request ${settlement.id} was settled after its deadline`);
    if (known.work.kind === 'write' && !settlement.ok && settlement.error.outcome === 'not-applied') {
      must(known.unaccounted === 0, `write ${settlement.id} is called not applied, which nobody knows`);
    }
    known.settlement = settlement;
    this.settled += 1;
  }

  #knownAs(id: number): Known {
    const known = this.#known.get(id);
    if (known === undefined) throw new Error(`nobody asked for request ${id}`);
    return known;
  }
}

function must(holds: boolean, law: string): asserts holds {
  if (!holds) throw new Error(law);
}

/** Park and Miller's generator: small, and the same everywhere. */
function randomOf(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
