/** One node: its lives, each a container in the namespace of its host, and the count of what was done to it. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

import { GenericContainer, Wait } from 'testcontainers';
import type { WaitStrategy } from 'testcontainers';

import { waitFor } from '../../../scripts/support/wait-for.mjs';
import { engine, HARDLY_EVER_CHECKED, LABEL, nodeImage } from './engine.ts';
import type { EngineContainer } from './engine.ts';
import type { NodeProof } from '../../support/faults/vocabulary.ts';
import { DATA_DIRECTORY } from './node-command.ts';
import { Started } from './started.ts';

export interface NodeContainerPlan {
  readonly id: string;
  /** Of the cluster's network. */
  readonly network: string;
  /** Of its host: containers of this node are named after it. */
  readonly name: string;
  readonly podContainerId: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** On this machine. */
  readonly dataDirectory: string;
  /** Seen inside under the same path: what `env` points to. */
  readonly sharedFolder: string;
}

interface Life {
  readonly container: EngineContainer;
  readonly ended: Promise<void>;
}

const READY = /"event":"ready"/u;
const LOG_LINES_MAX = 4_000;
/** A machine with many clusters at once starts them slowly; a node that ends instead is told at once. */
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_S = 15;

export class NodeContainer {
  readonly #plan: NodeContainerPlan;
  readonly #log: string[] = [];
  readonly #count = { starts: 0, kills: 0, pauses: 0, harmed: 0 };
  #life: Life | null = null;
  #state: NodeProof['state'] = 'down';
  #exitCode: number | null = null;

  constructor(plan: NodeContainerPlan) {
    this.#plan = plan;
  }

  get id(): string {
    return this.#plan.id;
  }

  get dataDirectory(): string {
    return this.#plan.dataDirectory;
  }

  get log(): readonly string[] {
    return this.#log;
  }

  get alive(): boolean {
    return this.#state !== 'down';
  }

  get proof(): NodeProof {
    return { id: this.id, state: this.#state, ...this.#count, exitCode: this.#exitCode };
  }

  /** Until it says that it serves; fails when it ends instead. */
  async start(): Promise<void> {
    await this.#begin(Wait.forLogMessage(READY));
  }

  /** Without waiting for anything that it says. */
  async launch(): Promise<void> {
    await this.#begin(new Started());
  }

  async kill9(): Promise<void> {
    const { container, ended } = this.#living();
    this.#count.kills += 1;
    await container.kill({ signal: 'SIGKILL' });
    // What is frozen dies when it thaws, before its next instruction.
    if (this.#state === 'paused') await container.unpause().catch(() => {});
    await ended;
  }

  async stop(): Promise<void> {
    await this.resume();
    const { container, ended } = this.#living();
    await container.stop({ t: STOP_TIMEOUT_S });
    await ended;
  }

  /** Where a thread waits for its disk, the engine gives up ("unable to freeze") and thaws it: so it is asked again. */
  async pause(): Promise<void> {
    const { container } = this.#living();
    await waitFor(`${this.id} is frozen`, async () => {
      await container.pause();
      return true;
    });
    this.#count.pauses += 1;
    this.#state = 'paused';
  }

  async resume(): Promise<void> {
    if (this.#state !== 'paused') return;
    await this.#living().container.unpause();
    this.#state = 'running';
  }

  async signal(name: NodeJS.Signals): Promise<void> {
    await this.#living().container.kill({ signal: name });
  }

  wasHarmed(): void {
    this.#count.harmed += 1;
  }

  async #begin(strategy: WaitStrategy): Promise<void> {
    if (this.alive) throw new Error(`${this.id} is already running`);
    this.#count.starts += 1;
    this.#exitCode = null;
    this.#state = 'running';
    const name = `${this.#plan.name}-life-${this.#count.starts}`;
    this.#note(`-- starts as ${name}`);
    const container = (await engine()).container.getById(name);
    try {
      await this.#container(name).withWaitStrategy(strategy).start();
      this.#life = { container, ended: this.#untilEnd(container) };
    } catch (error) {
      await container.kill().catch(() => {});
      await this.#untilEnd(container);
      throw new Error(`${this.id} does not start:\n${this.#log.slice(-40).join('\n')}`, { cause: error });
    }
  }

  #container(name: string): GenericContainer {
    const { podContainerId, network, command, env, dataDirectory, sharedFolder } = this.#plan;
    return new GenericContainer(nodeImage())
      .withName(name)
      .withNetworkMode(`container:${podContainerId}`)
      .withLabels({ [LABEL]: network })
      .withEnvironment({ ...env })
      .withBindMounts([
        { source: dataDirectory, target: DATA_DIRECTORY, mode: 'rw' },
        { source: sharedFolder, target: sharedFolder, mode: 'rw' },
      ])
      .withCommand([...command])
      .withHealthCheck(HARDLY_EVER_CHECKED)
      .withStartupTimeout(START_TIMEOUT_MS)
      .withLogConsumer((stream: Readable) => {
        createInterface({ input: stream }).on('line', (line) => this.#note(line));
      });
  }

  /** Never fails: a container that the engine does not know has ended as well. */
  async #untilEnd(container: EngineContainer): Promise<void> {
    const code = await container.wait().then(
      ({ StatusCode }: { readonly StatusCode: number }) => StatusCode,
      () => null,
    );
    this.#note(`-- ended: exit code ${code}`);
    this.#exitCode = code;
    this.#state = 'down';
    this.#life = null;
  }

  #living(): Life {
    if (this.#life === null) throw new Error(`${this.id} is not running`);
    return this.#life;
  }

  #note(line: string): void {
    this.#log.push(line);
    if (this.#log.length > LOG_LINES_MAX) this.#log.splice(0, LOG_LINES_MAX / 2);
  }
}
