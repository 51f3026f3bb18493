/**
 * One node of the cluster: its settings, its disk, and one process after another. What it runs is the product's own
 * `RunningNode`; what it runs on is simulated.
 */
import { nodeId } from '../../server/node-core.ts';
import { RunningNode } from '../../server/node.ts';
import type { Logger } from '../../server/logger.ts';
import type { NodeSettings } from '../../server/settings.ts';
import type { NodeId } from '../../raft/types.ts';
import { QuorateError } from '../../wire/errors.ts';
import { SimulatedDisk } from '../disk/index.ts';
import type { DurableStep, ProcessDisk } from '../disk/index.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { RandomSource } from '../kernel/random.ts';
import type { Observation } from '../laws/law.ts';
import type { Network } from '../network/network.ts';
import { Incarnation } from './incarnation.ts';
import { observingTap, simulatedHost } from './simulated-host.ts';
import type { Tuning } from './simulated-host.ts';

export interface World {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly random: RandomSource;
  observe(observation: Observation): void;
  note(line: () => string): void;
  /** The process has ended by itself, with this error; `null` after an orderly stop. */
  ended(node: SimulatedNode, error: QuorateError | null): void;
}

/**
 * - `kill`: the process dies, its machine goes on: the disk's cache stays, and everybody connected is told.
 * - `power cut`: the machine is gone with it: unsynced writes may be lost, and nobody is told anything.
 */
export type Death = 'kill' | 'power cut';

interface Process {
  readonly self: Incarnation;
  readonly disk: ProcessDisk;
  readonly running: RunningNode;
}

export class SimulatedNode {
  readonly id: NodeId;
  readonly disk: SimulatedDisk;
  /** They hear of every durable step, whichever process makes it, and may end it there. */
  readonly watchers = new Set<(step: DurableStep) => void>();
  readonly #settings: NodeSettings;
  readonly #tuning: Tuning;
  readonly #world: World;
  #process: Process | null = null;
  #starts = 0;
  #stopping = false;

  constructor(settings: NodeSettings, { coreTuning, sessionLimits }: Tuning, world: World) {
    this.id = nodeId(settings.id);
    this.disk = new SimulatedDisk(settings.id, world.random);
    this.#settings = settings;
    this.#tuning = { coreTuning, sessionLimits };
    this.#world = world;
  }

  /** Asked to stop, and not gone yet: clients are given a while to leave. */
  get isStopping(): boolean {
    return this.#stopping && this.isRunning;
  }

  get isRunning(): boolean {
    return this.#process !== null;
  }

  get isAsleep(): boolean {
    return this.#process?.self.isAsleep ?? false;
  }

  get running(): RunningNode | null {
    return this.#process?.running ?? null;
  }

  get isLeader(): boolean {
    return this.running?.core?.loop.view.isLeader ?? false;
  }

  get term(): number {
    return this.running?.core?.loop.view.term ?? 0;
  }

  start(): void {
    if (this.#process !== null) return;
    this.#starts += 1;
    this.#stopping = false;
    const { kernel, network, random } = this.#world;
    const self = new Incarnation(this.id, kernel, kernel.fail);
    const disk = this.disk.attach(kernel);
    disk.onStep = (step) => {
      for (const watch of this.watchers) watch(step);
    };
    // A death in the middle of a turn ends what the process does to others; its code runs to the end of the turn.
    const observe = (observation: Observation): void => {
      if (self.isAlive) this.#world.observe(observation);
    };
    const host = simulatedHost(self, {
      kernel,
      network,
      disk,
      ...this.#tuning,
      random: random.stream(`node ${this.id} start ${this.#starts}`),
      observe,
      tap: observingTap(this.id, observe, {
        digest: () => this.running?.core?.machine.digest() ?? '',
        status: () => {
          if (!this.#stopping) self.promising = false;
          return this.running?.core?.raft.status() ?? null;
        },
      }),
    });
    const running = new RunningNode(this.#settings, this.#logger(), host);
    const process: Process = { self, disk, running };
    this.#process = process;
    this.#world.note(() => `${this.id} starts, for the ${this.#starts}. time`);
    kernel.promised();
    running.open().catch((error: unknown) => this.#exit(process, asQuorateError(error)));
    void running.failed.then((error) => this.#exit(process, error));
  }

  crash(death: Death): void {
    const process = this.#process;
    if (process === null) return;
    this.#world.note(() => `${this.id} ends: ${death}`);
    if (death === 'kill') this.#world.network.processKilled(process.self);
    else this.#world.network.machineLost(process.self);
    this.#end(process, death === 'kill' ? 'exit' : 'power cut');
  }

  /** SIGTERM. */
  stop(): void {
    const process = this.#process;
    if (process === null) return;
    this.#world.note(() => `${this.id} is asked to stop`);
    this.#world.kernel.promised();
    this.#stopping = true;
    process.self.promising = true;
    process.self.run(() => {
      process.running.stop().then(
        () => this.#exit(process, null),
        // The last that it writes may fail as anything before.
        (error: unknown) => this.#exit(process, asQuorateError(error)),
      );
    });
  }

  sleep(forMs: number): void {
    if (this.#process === null) return;
    this.#world.note(() => `${this.id} sleeps for ${forMs} ms`);
    this.#process.self.sleep(forMs);
  }

  awaken(): void {
    this.#process?.self.awaken();
  }

  setClockRate(rate: number): void {
    this.#process?.self.setClockRate(rate);
  }

  jumpClock(aheadMs: number): void {
    this.#world.note(() => `the clock of ${this.id} jumps ${aheadMs} ms ahead`);
    this.#process?.self.jumpClock(aheadMs);
  }

  #exit(process: Process, error: QuorateError | null): void {
    if (!process.self.isAlive) return;
    this.#world.note(
      () => `${this.id} exits: ${error === null ? 'stopped' : `${error.code} ${error.message}`}`,
    );
    this.#world.network.processKilled(process.self);
    this.#end(process, 'exit');
    this.#world.ended(this, error);
  }

  #end({ self, disk }: Process, how: 'exit' | 'power cut'): void {
    self.kill();
    disk.detach(how);
    this.#process = null;
    this.#world.observe({ type: 'ended', node: this.id });
  }

  #logger(): Logger {
    const write = (data: object, message: string): void =>
      this.#world.note(() => `${this.id} logs: ${message} ${JSON.stringify(data)}`);
    return { error: write, warn: write, info: write, debug: () => {} };
  }
}

function asQuorateError(cause: unknown): QuorateError {
  if (QuorateError.is(cause)) return cause;
  return new QuorateError('INTERNAL', `the node threw ${String(cause)}`, { cause });
}
