/**
 * The consensus half of a running node, from the moment its cluster is known: log, core, state machine and loop,
 * and the driver that turns completions into events.
 */
import { createStateMachine } from '../kv/index.ts';
import type { StateMachine } from '../kv/state-machine.ts';
import type { Fetch, Write } from '../raft/io.ts';
import type { MembershipAt } from '../raft/membership.ts';
import { Raft } from '../raft/raft.ts';
import type { NodeId } from '../raft/types.ts';
import type { LogStore } from '../storage/interfaces.ts';
import { QuorateError } from '../wire/errors.ts';
import type { Genesis } from '../wire/peer-protocol.ts';
import { Deferred } from './deferred.ts';
import { EventDriver } from './event-driver.ts';
import { randomUint32 } from './host.ts';
import type { NodeHost } from './host.ts';
import type { LoopEvent, LoopPorts } from './loop-io.ts';
import { NodeLoop } from './node-loop.ts';
import { formatEndpoint } from '../wire/endpoints.ts';
import type { NodeSettings } from './settings.ts';

/** How the core is tuned; the reasons stand beside the numbers. */
export interface CoreTuning {
  readonly windowMessages: number;
  readonly windowBytes: number;
  readonly appendBytesMax: number;
  readonly uncommittedBytesMax: number;
  readonly tailBytesMax: number;
  readonly checkInvariants: 'all' | 'cheap';
}

const CORE_LIMITS: CoreTuning & { readonly writesInFlightMax: number } = {
  /** One write is with the disk while the next one gathers: a second in flight would only split the group. */
  writesInFlightMax: 1,
  /** Enough to cover a round trip at full load; a lost window is found out by the next heartbeat. */
  windowMessages: 64,
  windowBytes: 8 * 1024 * 1024,
  /** A frame of this size takes about 3 ms on a 100 MB/s link, well below a heartbeat. */
  appendBytesMax: 256 * 1024,
  uncommittedBytesMax: 64 * 1024 * 1024,
  tailBytesMax: 64 * 1024 * 1024,
  checkInvariants: 'cheap',
};

export interface CoreEffects extends Omit<LoopPorts, 'persist' | 'fetch'> {
  /** At the end of every turn: let what was queued leave. */
  flush(): void;
  failed(error: QuorateError): void;
}

export class NodeCore {
  readonly raft: Raft;
  readonly machine: StateMachine;
  readonly loop: NodeLoop;
  readonly #driver: EventDriver;
  readonly #log: LogStore;
  readonly #effects: CoreEffects;
  #writing: Promise<void> = Promise.resolve();

  constructor(settings: NodeSettings, genesis: Genesis, log: LogStore, effects: CoreEffects, host: NodeHost) {
    const now = host.clock.now();
    this.#log = log;
    this.#effects = effects;
    this.raft = Raft.restore(
      {
        id: nodeId(settings.id),
        heartbeatMs: settings.heartbeatMs,
        electionTimeoutMinMs: settings.electionTimeoutMinMs,
        electionTimeoutMaxMs: settings.electionTimeoutMaxMs,
        ...CORE_LIMITS,
        ...host.coreTuning,
        random: () => randomUint32(host),
      },
      log.recovered,
      now,
    );
    this.machine = createStateMachine(host.sessionLimits);
    this.loop = new NodeLoop(
      this.raft,
      this.machine,
      this.#ports(),
      loopOptions(settings, genesis, log, host),
      now,
    );
    this.#driver = new EventDriver(this.loop, host.clock, {
      flush: () => this.#effects.flush(),
      fatal: (error) => this.#effects.failed(brokenInvariant(error)),
    });
  }

  readonly post = (event: LoopEvent): void => this.#driver.post(event);

  start(): void {
    this.#driver.start();
  }

  halt(): void {
    this.#driver.halt();
  }

  #ports(): LoopPorts {
    return {
      persist: (write) => this.#persist(write),
      fetch: (fetch) => this.#fetch(fetch),
      toPeer: (peer, message) => this.#effects.toPeer(peer, message),
      toClient: (connection, message) => this.#effects.toClient(connection, message),
      closeClient: (connection) => this.#effects.closeClient(connection),
      stopped: () => this.#effects.stopped(),
    };
  }

  /** Resolves when nothing is with the disk any more, so that the log may be closed. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  #persist(write: Write): void {
    const written = new Deferred<void>();
    this.#writing = written.promise;
    this.#log.write(write, (error) => {
      written.resolve();
      if (error !== null) return this.#diskFailed(error);
      this.post({ type: 'persisted', through: write.seq });
    });
  }

  #fetch(fetch: Fetch): void {
    this.#log.read(fetch.from, fetch.to, fetch.bytesMax, (error, entries) => {
      if (error !== null) return this.#diskFailed(error);
      this.post({ type: 'fetched', fetch: fetch.fetch, entries });
    });
  }

  /** No retry after a failed sync: the kernel may have dropped what it could not write (reliability 0.3). */
  #diskFailed(error: Error): void {
    this.halt();
    this.#effects.failed(
      QuorateError.is(error)
        ? error
        : new QuorateError('IO_FAILED', `the disk failed: ${error.message}`, { cause: error }),
    );
  }
}

/** The membership that the genesis record makes; static until there are membership changes. */
export function genesisMembership(genesis: Genesis): MembershipAt {
  const voters = genesis.voters.map((voter) => nodeId(voter.id)).toSorted();
  return { index: 0, membership: { voters, outgoing: [], learners: [] } };
}

/** Ids from settings and genesis are checked where they come in; here they only get their type. */
export function nodeId(id: string): NodeId {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a brand has no test of its own
  return id as NodeId;
}

function loopOptions(
  settings: NodeSettings,
  genesis: Genesis,
  log: LogStore,
  { tap }: NodeHost,
): ConstructorParameters<typeof NodeLoop>[3] {
  const own = formatEndpoint(settings.clientAdvertise);
  return {
    facts: {
      self: nodeId(settings.id),
      clusterId: genesis.clusterId,
      members: genesis.voters.map(({ id }) => ({ id: nodeId(id), client: id === settings.id ? own : '' })),
    },
    limits: settings.limits,
    history: settings.history,
    clusterTimeMs: log.clusterTimeMs,
    heartbeatMs: settings.heartbeatMs,
    electionTimeoutMaxMs: settings.electionTimeoutMaxMs,
    ...(tap === undefined ? {} : { tap }),
  };
}

function brokenInvariant(error: unknown): QuorateError {
  const message = error instanceof Error ? error.message : String(error);
  return new QuorateError('INTERNAL', `a broken invariant stopped the node: ${message}`, { cause: error });
}
