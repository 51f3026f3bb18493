import type { Entry } from '../../../../src/raft/entry.ts';
import { Kernel } from '../../../../src/sim/kernel/kernel.ts';
import { RandomSource } from '../../../../src/sim/kernel/random.ts';
import {
  type DurableStep,
  type ProcessDisk,
  type ProcessEnd,
  SimulatedDisk,
} from '../../../../src/sim/disk/index.ts';
import { type DataDirectory, type LogStore, openDataDirectory } from '../../../../src/storage/index.ts';
import type { Genesis } from '../../../../src/wire/peer-protocol.ts';
import { MEMBERS, wholeLog } from '../../../unit/storage/log-calls.ts';
import { apply, EMPTY, type Model, modelOf, type Step, writeFor } from '../../storage/model.ts';

/** Longer than the watermark rests. */
const REST_MS = 50;
/** A hang shows as a failure, not as a test that takes for ever. */
const PATIENCE_MS = 60_000;

/** The real storage logic on one simulated disk, through any number of processes, beside the naive model of its log. */
export class StorageLife {
  readonly kernel = new Kernel();
  readonly disk: SimulatedDisk;
  /** The log after each acknowledged write, and after each opening. */
  readonly history: Model[] = [EMPTY];
  /** What the log may be besides, for writes that were handed in and not acknowledged. */
  attempted: Model[] = [];
  /** Once saved. */
  genesis: Genesis | null = null;
  isAlive = false;
  /** Called at every durable step; true crashes the process there. */
  crashesAt: (step: DurableStep) => ProcessEnd | null = () => null;
  readonly #random: RandomSource;
  #process: ProcessDisk | null = null;
  #directory: DataDirectory | null = null;
  #log: LogStore | null = null;
  #seq = 0;

  constructor(seed: number) {
    this.#random = new RandomSource(seed);
    this.disk = new SimulatedDisk('n1', this.#random);
  }

  get acknowledged(): Model {
    return this.history.at(-1) ?? EMPTY;
  }

  get identity(): DataDirectory['identity'] | undefined {
    return this.#directory?.identity;
  }

  /** The log as it is found, or null when the process died on the way. Rejects with what opening refuses with. */
  async open(): Promise<Model | null> {
    const process = this.disk.attach(this.kernel);
    this.#process = process;
    this.isAlive = true;
    process.onStep = (step) => {
      const how = this.crashesAt(step);
      if (how !== null) this.crash(how);
    };
    return this.#settled(this.#open(process));
  }

  /** True once acknowledged; false when the process died first. Rejects when storage gave up. */
  async write(step: Step): Promise<boolean> {
    this.#seq += 1;
    const write = writeFor(this.acknowledged, step, this.#seq);
    const next = apply(this.acknowledged, write);
    this.attempted.push(next);
    const acknowledged = await this.#settled(
      new Promise<true>((resolve, reject) => {
        this.#log?.write(write, (error) => {
          if (error === null) resolve(true);
          else reject(error);
        });
      }),
    );
    if (acknowledged === null) return false;
    this.history.push(next);
    this.attempted = [];
    return true;
  }

  /** The whole log, as a follower that lags would be sent it. */
  read(): Promise<readonly Entry[] | null> {
    const log = this.#log;
    return log === null
      ? Promise.resolve(null)
      : this.#settled(wholeLog(log, this.acknowledged.entries.length));
  }

  async saveGenesis(): Promise<void> {
    if (this.#directory === null || this.#directory.identity.genesis !== null) return;
    const voters = [{ id: 'n1', incarnation: this.#directory.identity.incarnation }];
    const genesis = { clusterId: 'c'.repeat(32), clusterName: 'orders', voters };
    const isSaved = await this.#settled(this.#directory.saveGenesis(genesis).then(() => true));
    if (isSaved === true) this.genesis = genesis;
  }

  async close(): Promise<void> {
    const isClosed = await this.#settled((this.#directory?.close() ?? Promise.resolve()).then(() => true));
    if (isClosed === true) this.crash('exit');
  }

  /** A new process goes on from what it found. */
  goOnFrom(found: Model): void {
    this.history.push(found);
    this.attempted = [];
  }

  rest(): Promise<void> {
    return this.kernel.run(this.kernel.now() + REST_MS);
  }

  /** What the next process may find, if nothing was lost. */
  get lawful(): readonly Model[] {
    return [this.acknowledged, ...this.attempted];
  }

  crash(how: ProcessEnd): void {
    this.isAlive = false;
    this.#process?.detach(how);
  }

  async #open(process: ProcessDisk): Promise<Model> {
    this.#directory = null;
    const directory = await openDataDirectory({
      path: '/n1',
      nodeId: 'n1',
      randomBytes: (count) => this.#random.stream(`incarnation ${this.kernel.events}`).bytes(count),
      schedule: (delayMs, fn) => {
        this.kernel.schedule(delayMs, () => {
          if (this.isAlive) fn();
        });
      },
      disk: process,
    });
    this.#directory = directory;
    this.#log = await directory.openLog(MEMBERS);
    return modelOf(this.#log);
  }

  /** Lets virtual time run until the promise is settled; null when its process died and it never will be. */
  async #settled<T>(promise: Promise<T>): Promise<T | null> {
    const outcome = { isSettled: false };
    const settle = (): void => {
      outcome.isSettled = true;
    };
    promise.then(settle, settle);
    this.kernel.promised();
    const untilMs = this.kernel.now() + PATIENCE_MS;
    while (!outcome.isSettled && this.isAlive && this.kernel.now() < untilMs) {
      await this.kernel.run(this.kernel.now() + 1);
    }
    if (outcome.isSettled) return promise;
    if (this.isAlive) throw new Error('nothing came of it');
    return null;
  }
}
