/** Real `quorate start` processes on loopback whose links run through proxies, with every fault that these allow. */
import { rm } from 'node:fs/promises';

import type { LocalNode } from '../../../scripts/support/local-node.mjs';
import { waitFor } from '../../../scripts/support/wait-for.mjs';
import { connect } from '../../../src/client/index.ts';
import type { Database, Status } from '../cluster.ts';
import { DROP, HOLD } from './lane.ts';
import { CLIENTS } from './peer-network.ts';
import type { PeerNetwork } from './peer-network.ts';
import { processCapabilities } from './process-capabilities.ts';
import { ProcessPlan } from './process-plan.ts';
import type { BesideOptions, ProcessClusterOptions } from './process-plan.ts';
import { bridged, inChain, inRing, partitioned } from './shapes.ts';
import type { TroubledProcess } from './troubled-process.ts';
import type {
  Capabilities,
  ClusterConnectOptions,
  FaultableCluster,
  FaultNode,
  FlapTimes,
  Link,
  Proof,
} from './vocabulary.ts';

const A_SECOND_EACH: FlapTimes = { downMs: 1_000, upMs: 1_000 };
const LEADER_TIMEOUT_MS = 10_000;

export class ProcessCluster implements FaultableCluster {
  readonly capabilities: Capabilities;
  readonly nodes: readonly FaultNode[];
  readonly #processes: ReadonlyMap<string, TroubledProcess>;
  readonly #network: PeerNetwork;
  readonly #plan: ProcessPlan;
  readonly #open: Database[] = [];
  readonly #beside: LocalNode[] = [];

  private constructor(plan: ProcessPlan) {
    this.#plan = plan;
    this.#network = plan.network;
    this.#processes = new Map(plan.processes.map((each) => [each.id, each]));
    this.capabilities = processCapabilities(plan.machine);
    this.nodes = plan.processes.map(({ id }) => ({ id, client: plan.network.addressFor(CLIENTS, id) }));
  }

  /** All nodes started and ready. */
  static async start(options: ProcessClusterOptions = {}): Promise<ProcessCluster> {
    const cluster = await ProcessCluster.plan(options);
    try {
      await Promise.all([...cluster.#processes.values()].map((each) => each.start()));
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The same with no node started yet. */
  static async plan(options: ProcessClusterOptions = {}): Promise<ProcessCluster> {
    return new ProcessCluster(await ProcessPlan.make(options));
  }

  async leader(timeoutMs: number = LEADER_TIMEOUT_MS): Promise<FaultNode> {
    return await waitFor(
      'a leader',
      async () => {
        const seen = await Promise.all(this.nodes.map((node) => this.status(node).catch(() => null)));
        const term = Math.max(...seen.map((status) => status?.term ?? 0));
        const leading = seen.find((status) => status?.role === 'leader' && status.term === term);
        return this.nodes.find(({ id }) => id === leading?.id);
      },
      timeoutMs,
    );
  }

  async status(node: FaultNode): Promise<Status> {
    return await this.process(node).status();
  }

  async connect({ only = this.nodes, ...options }: ClusterConnectOptions = {}): Promise<Database> {
    const db = await connect(`quorate://${only.map(({ client }) => client).join(',')}`, options);
    this.#open.push(db);
    return db;
  }

  async isolate(node: FaultNode): Promise<void> {
    this.#network.isolate(node);
  }

  async partition(...groups: readonly (readonly FaultNode[])[]): Promise<void> {
    this.#network.shape(partitioned(groups.map(idsOf)));
  }

  async oneWay(from: FaultNode, to: FaultNode): Promise<void> {
    this.#network.lane(to.id, from.id).become(HOLD);
  }

  async bridge(node: FaultNode): Promise<void> {
    this.#network.shape(bridged(idsOf(this.nodes), node.id));
  }

  async ring(): Promise<void> {
    this.#network.shape(inRing(idsOf(this.nodes)));
  }

  async chain(...order: readonly FaultNode[]): Promise<void> {
    this.#network.shape(inChain(idsOf(order)));
  }

  async flap(link: Link, times: FlapTimes = A_SECOND_EACH): Promise<void> {
    this.#network.flap(link, times);
  }

  async lose(link: Link, percent: number): Promise<void> {
    this.#network.set(link, { kind: 'lose', percent });
  }

  async throttle(link: Link, bytesPerSecond: number): Promise<void> {
    this.#network.set(link, { kind: 'throttle', bytesPerSecond });
  }

  async delay(link: Link, ms: number, jitterMs = 0): Promise<void> {
    this.#network.set(link, { kind: 'delay', ms, jitterMs });
  }

  async halfOpen(link: Link): Promise<void> {
    this.#network.set(link, DROP);
  }

  async cut(link: Link): Promise<void> {
    this.#network.cut(link);
  }

  async loseReplies(node: FaultNode): Promise<void> {
    this.#network.lane(node.id, CLIENTS).become(DROP);
  }

  async pause(node: FaultNode): Promise<void> {
    this.process(node).pause();
  }

  async resume(node: FaultNode): Promise<void> {
    this.process(node).resume();
  }

  async busyLoop(node: FaultNode, ms: number): Promise<void> {
    await this.process(node).busyLoop(ms);
  }

  async kill9(node: FaultNode): Promise<void> {
    await this.process(node).kill9();
  }

  async stop(node: FaultNode): Promise<void> {
    await this.process(node).stop();
  }

  async restart(node: FaultNode, { ready = true }: { readonly ready?: boolean } = {}): Promise<void> {
    const process = this.process(node);
    if (process.alive) await process.kill9();
    if (ready) await process.start();
    else process.launch();
  }

  async wipe(node: FaultNode): Promise<void> {
    const process = this.process(node);
    if (process.alive) await process.kill9();
    await rm(process.dataDir, { recursive: true });
    process.wasHarmed();
  }

  async clockJump(node: FaultNode, ms: number): Promise<void> {
    this.process(node).clockJump(ms);
  }

  async clockDrift(node: FaultNode, percent: number): Promise<void> {
    this.process(node).clockDrift(percent);
  }

  async crashAtSync(node: FaultNode, nth: number, when: 'before' | 'after'): Promise<void> {
    this.process(node).crashAtSync(nth, when);
  }

  async failSync(node: FaultNode): Promise<void> {
    this.process(node).setSync('fails');
  }

  async lieAboutSync(node: FaultNode): Promise<void> {
    this.process(node).setSync('lies');
  }

  async stallSync(node: FaultNode, ms: number): Promise<void> {
    this.process(node).stallSync(ms);
  }

  async fillDisk(): Promise<void> {
    throw new Error('a process on a disk that it shares cannot fill it');
  }

  async powerCut(node: FaultNode): Promise<void> {
    await this.process(node).powerCut();
  }

  async heal(): Promise<void> {
    this.#network.heal();
    for (const process of this.#processes.values()) process.heal();
  }

  async proof(): Promise<Proof> {
    return {
      links: this.#network.proof(),
      nodes: [...this.#processes.values()].map((process) => process.proof()),
    };
  }

  async dataDirectory(node: FaultNode): Promise<string> {
    return this.process(node).dataDir;
  }

  async said(node: FaultNode): Promise<readonly string[]> {
    return this.process(node).log;
  }

  /** For what only processes can do: another start line, an exit code. */
  process(node: FaultNode): TroubledProcess {
    const found = this.#processes.get(node.id);
    if (found === undefined) throw new Error(`no node ${node.id}`);
    return found;
  }

  /** A process that should not be: on this directory, or a fresh one, and on ports of its own unless `inPlace`. */
  async launchBeside(node: FaultNode, beside: BesideOptions = {}): Promise<LocalNode> {
    const process = await this.#plan.beside(node.id, beside);
    this.#beside.push(process);
    process.launch();
    return process;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#open.map((db) => db.close()));
    const processes = [...this.#processes.values(), ...this.#beside];
    await Promise.all(processes.filter(({ alive }) => alive).map((each) => each.kill9()));
    await this.#network.close();
    await this.#plan.close();
  }
}

function idsOf(nodes: readonly FaultNode[]): readonly string[] {
  return nodes.map(({ id }) => id);
}
