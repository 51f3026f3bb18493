/** One machine of a cluster: a host with an address, a disk and a clock, and the node that lives on it. */
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { Machine } from '../../support/faults/machine.ts';
import type { SyncOrder } from '../../support/faults/machine.ts';
import { Disk } from './disk.ts';
import { NODE_UID, nodeCommand } from './node-command.ts';
import { NodeContainer } from './node-container.ts';
import type { Pod } from './pod.ts';

const BUSY_LOOP = fileURLToPath(new URL('../../support/faults/busy-loop.mjs', import.meta.url));

export interface HostPlan {
  readonly id: string;
  /** Of the cluster, and of its network. */
  readonly cluster: string;
  readonly pod: Pod;
  readonly podName: string;
  /** HOST:PORT for clients outside. */
  readonly client: string;
  readonly peers: string;
  readonly args: readonly string[];
  /** Of the cluster, for disks. */
  readonly folder: string;
  /** The built machine-faults.c, where it could be built. */
  readonly library: string | null;
}

interface HostParts {
  readonly node: NodeContainer;
  readonly disk: Disk;
  readonly machine: Machine | null;
  /** How long busy-loop.mjs is to be busy. */
  readonly busyFile: string;
}

export class ContainerHost {
  readonly id: string;
  readonly client: string;
  readonly pod: Pod;
  readonly node: NodeContainer;
  readonly #disk: Disk;
  readonly #machine: Machine | null;
  readonly #busyFile: string;
  #clockAheadMs = 0;

  private constructor(plan: HostPlan, parts: HostParts) {
    this.id = plan.id;
    this.client = plan.client;
    this.pod = plan.pod;
    this.node = parts.node;
    this.#disk = parts.disk;
    this.#machine = parts.machine;
    this.#busyFile = parts.busyFile;
  }

  static async make(plan: HostPlan): Promise<ContainerHost> {
    const folder = path.join(plan.folder, plan.id);
    await mkdir(folder);
    const disk = await Disk.make(folder, NODE_UID);
    const shared = path.join(plan.folder, 'machines');
    const machine = plan.library === null ? null : await machineFor(plan.id, plan.library, shared);
    const busyFile = path.join(shared, `${plan.id}.busy`);
    const script = path.join(shared, `${plan.id}.mjs`);
    await copyFile(BUSY_LOOP, script);
    const node = new NodeContainer({
      id: plan.id,
      network: plan.cluster,
      name: plan.podName,
      podContainerId: plan.pod.containerId,
      command: nodeCommand({ ...plan, advertise: plan.client }),
      env: { ...machine?.env, NODE_OPTIONS: `--import=${script}`, QUORATE_TEST_BUSY: busyFile },
      dataDirectory: disk.data,
      sharedFolder: shared,
    });
    return new ContainerHost(plan, { node, disk, machine, busyFile });
  }

  clockJump(ms: number): void {
    this.#clockAheadMs += ms;
    this.#breakable().setClockAhead(this.#clockAheadMs);
    this.node.wasHarmed();
  }

  clockDrift(percent: number): void {
    this.#breakable().setClockFaster(percent);
    this.node.wasHarmed();
  }

  setSync(order: SyncOrder): void {
    this.#breakable().setSync(order);
    this.node.wasHarmed();
  }

  crashAtSync(nth: number, when: 'before' | 'after'): void {
    this.#breakable().setCrash(nth, when);
    this.node.wasHarmed();
  }

  /** Told by a signal, to what busy-loop.mjs waits for. */
  async busyLoop(ms: number): Promise<void> {
    await writeFile(this.#busyFile, String(ms));
    await this.node.signal('SIGUSR2');
    this.node.wasHarmed();
  }

  stallSync(ms: number): void {
    this.#breakable().setStall(ms);
    this.node.wasHarmed();
  }

  async fillDisk(): Promise<void> {
    await this.#disk.fill();
    this.node.wasHarmed();
  }

  async powerCut(): Promise<void> {
    const machine = this.#breakable();
    if (this.node.alive) await this.node.kill9();
    await machine.forgetUnsynced(this.#disk.data);
    this.node.wasHarmed();
  }

  async wipe(): Promise<void> {
    if (this.node.alive) await this.node.kill9();
    await this.#disk.wipe();
    this.node.wasHarmed();
  }

  async heal(): Promise<void> {
    await this.node.resume();
    await this.#disk.free();
    this.#clockAheadMs = 0;
    this.#machine?.setClockAhead(0);
    this.#machine?.setClockFaster(0);
    this.#machine?.setSync('works');
    this.#machine?.setStall(0);
    this.#machine?.clearCrash();
  }

  #breakable(): Machine {
    if (this.#machine === null) throw new Error(`the machine of ${this.id} cannot be made to fail here`);
    return this.#machine;
  }
}

/** The node's user reads its orders and writes its ledger in a folder of root's. */
async function machineFor(id: string, library: string, folder: string): Promise<Machine> {
  const machine = new Machine(library, folder, id);
  for (const name of ['QUORATE_TEST_MACHINE', 'QUORATE_TEST_LEDGER']) {
    const file = machine.env[name];
    if (file === undefined) continue;
    await writeFile(file, '', { flag: 'a' });
    await chmod(file, 0o666);
  }
  return machine;
}
