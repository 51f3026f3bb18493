/**
 * Runs the bootstrap (bootstrap.ts, pure) against real links and a real directory: links tell it whom they reached, it
 * tells them and the directory what to do, and in the end it calls `founded`, once, with a genesis that is durable.
 */
import type { PeerLinks } from '../transport/index.ts';
import { QuorateError } from '../wire/errors.ts';
import type { Genesis, PeerHello } from '../wire/peer-protocol.ts';
import { bootstrapStep, NOT_STARTED } from './bootstrap.ts';
import type { Bootstrap, BootstrapAction, BootstrapInput, BootstrapSelf } from './bootstrap.ts';

export interface ClusterJoinEffects {
  /** Rejects if it could not be made durable. */
  store(genesis: Genesis): Promise<void>;
  founded(genesis: Genesis): void;
  /** This directory can never be a member, or the disk failed. */
  failed(error: unknown): void;
}

export class ClusterJoin {
  readonly #self: BootstrapSelf;
  readonly #links: Pick<PeerLinks, 'send' | 'flush' | 'setGenesis'>;
  readonly #effects: ClusterJoinEffects;
  /** The cluster id, in case this node founds. */
  readonly #drawn: string;
  #state: Bootstrap = NOT_STARTED;

  constructor(
    self: BootstrapSelf,
    links: Pick<PeerLinks, 'send' | 'flush' | 'setGenesis'>,
    drawn: string,
    effects: ClusterJoinEffects,
  ) {
    this.#self = self;
    this.#links = links;
    this.#drawn = drawn;
    this.#effects = effects;
  }

  /** For people: what a node that has not joined is waiting for. */
  get waitingFor(): string {
    if (this.#state.phase !== 'fresh') return 'opening the log';
    const { linked } = this.#state;
    const missing = this.#self.voters.filter((id) => id !== this.#self.nodeId && !linked.has(id));
    if (missing.length === 0) return 'waiting for the cluster to be founded';
    return `waiting for ${missing.join(', ')}: a new cluster is founded once all its nodes have met`;
  }

  start(stored: Genesis | null): void {
    this.#step({ type: 'start', stored });
  }

  linkUp(hello: PeerHello): void {
    this.#step({ type: 'linkUp', hello });
  }

  linkDown(peer: string): void {
    this.#step({ type: 'linkDown', peer });
  }

  genesis(from: string, genesis: Genesis): void {
    this.#step({ type: 'genesis', from, genesis });
  }

  #step(input: BootstrapInput): void {
    const { state, actions } = bootstrapStep(this.#self, this.#state, input, this.#drawn);
    this.#state = state;
    for (const action of actions) this.#do(action);
    this.#links.flush();
  }

  #do(action: BootstrapAction): void {
    switch (action.type) {
      case 'announce':
        this.#links.setGenesis(action.genesis);
        break;
      case 'store':
        this.#effects.store(action.genesis).then(
          () => this.#step({ type: 'stored' }),
          (error: unknown) => this.#effects.failed(error),
        );
        break;
      case 'send':
        this.#links.send(action.peer, { type: 'genesis', genesis: action.genesis });
        break;
      case 'founded':
        this.#effects.founded(action.genesis);
        break;
      case 'reject':
        if (action.code === 'INCARNATION_FENCED') {
          this.#effects.failed(new QuorateError(action.code, action.message));
        }
        break;
    }
  }
}
