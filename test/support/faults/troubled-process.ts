/** One node's process, the machine under it, and the count of what was done to both. */
import { writeFile } from 'node:fs/promises';

import type { Exit, LocalNode } from '../../../scripts/support/local-node.mjs';
import type { Status } from '../cluster.ts';
import type { Machine, SyncOrder } from './machine.ts';
import type { NodeProof } from './vocabulary.ts';

export class TroubledProcess {
  readonly #node: LocalNode;
  /** null where it cannot be made to fail. */
  readonly #machine: Machine | null;
  readonly #busyFile: string;
  readonly #count = { starts: 0, kills: 0, pauses: 0, harmed: 0 };
  #clockAheadMs = 0;
  #exitCode: number | null = null;

  constructor(node: LocalNode, machine: Machine | null, busyFile: string) {
    this.#node = node;
    this.#machine = machine;
    this.#busyFile = busyFile;
  }

  get id(): string {
    return this.#node.id;
  }

  get dataDir(): string {
    return this.#node.dataDir;
  }

  get alive(): boolean {
    return this.#node.alive;
  }

  get log(): readonly string[] {
    return this.#node.log;
  }

  get pid(): number {
    return this.#node.pid;
  }

  /** How its last life ended; waits while it lives. */
  get exit(): Promise<Exit> {
    return this.#node.exit;
  }

  /** The addresses that the process itself listens on, past all proxies. */
  get addresses(): { readonly client: string; readonly peer: string } {
    return { client: this.#node.client, peer: this.#node.peer };
  }

  async status(): Promise<Status> {
    if (this.#node.paused) throw new Error(`${this.id} is paused`);
    return await this.#node.status();
  }

  launch(args?: readonly string[]): void {
    this.#machine?.clearCrash();
    this.#node.launch(args);
    this.#count.starts += 1;
    this.#exitCode = null;
    void this.#noteExit();
  }

  async start(): Promise<void> {
    this.launch();
    await this.#node.ready();
  }

  /** This life alone with more arguments. */
  async startWith(args: readonly string[]): Promise<void> {
    this.launch([...this.#node.args, ...args]);
    await this.#node.ready();
  }

  async kill9(): Promise<void> {
    this.#count.kills += 1;
    await this.#node.kill9();
  }

  async stop(): Promise<void> {
    if (this.#node.paused) this.#node.resume();
    await this.#node.stop();
  }

  pause(): void {
    this.#node.pause();
    this.#count.pauses += 1;
  }

  resume(): void {
    this.#node.resume();
  }

  wasHarmed(): void {
    this.#count.harmed += 1;
  }

  clockJump(ms: number): void {
    this.#clockAheadMs += ms;
    this.#breakable().setClockAhead(this.#clockAheadMs);
    this.wasHarmed();
  }

  clockDrift(percent: number): void {
    this.#breakable().setClockFaster(percent);
    this.wasHarmed();
  }

  setSync(order: SyncOrder): void {
    this.#breakable().setSync(order);
    this.wasHarmed();
  }

  crashAtSync(nth: number, when: 'before' | 'after'): void {
    this.#breakable().setCrash(nth, when);
    this.wasHarmed();
  }

  /** Told by a signal, to what busy-loop.mjs waits for. */
  async busyLoop(ms: number): Promise<void> {
    await writeFile(this.#busyFile, String(ms));
    process.kill(this.pid, 'SIGUSR2');
    this.wasHarmed();
  }

  stallSync(ms: number): void {
    this.#breakable().setStall(ms);
    this.wasHarmed();
  }

  async powerCut(): Promise<void> {
    const machine = this.#breakable();
    if (this.alive) await this.kill9();
    await machine.forgetUnsynced(this.dataDir);
    this.wasHarmed();
  }

  heal(): void {
    if (this.#node.alive && this.#node.paused) this.#node.resume();
    this.#clockAheadMs = 0;
    this.#machine?.clearCrash();
    this.#machine?.setClockAhead(0);
    this.#machine?.setClockFaster(0);
    this.#machine?.setSync('works');
    this.#machine?.setStall(0);
  }

  proof(): NodeProof {
    const running = this.#node.paused ? 'paused' : 'running';
    return {
      id: this.id,
      state: this.alive ? running : 'down',
      ...this.#count,
      exitCode: this.#exitCode,
    };
  }

  async #noteExit(): Promise<void> {
    this.#exitCode = (await this.#node.exit).code;
  }

  #breakable(): Machine {
    if (this.#machine === null) throw new Error(`the machine of ${this.id} cannot be made to fail here`);
    return this.#machine;
  }
}
