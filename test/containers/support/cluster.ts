/** A cluster of containers with every fault that packet filters, signals and the machine's shim allow. */
import { randomBytes } from 'node:crypto';

import { onTestFailed } from 'vitest';

import { waitFor } from '../../../scripts/support/wait-for.mjs';
import { connect } from '../../../src/client/index.ts';
import type { Database, Status } from '../../support/cluster.ts';
import { bridged, inChain, inRing, partitioned } from '../../support/faults/shapes.ts';
import type {
  Capabilities,
  ClusterConnectOptions,
  FaultableCluster,
  FaultNode,
  FlapTimes,
  Link,
  Proof,
} from '../../support/faults/vocabulary.ts';
import { buildHosts, tearDown } from './build.ts';
import type { BuiltHosts } from './build.ts';
import type { ContainerHost } from './host.ts';
import { PacketNetwork } from './packet-network.ts';
import { statusOf } from './status.ts';

export interface ContainerClusterOptions {
  /** @default 3 */
  readonly nodes?: number;
  /** More arguments for every `quorate start`. */
  readonly args?: readonly string[];
}

const A_SECOND_EACH: FlapTimes = { downMs: 1_000, upMs: 1_000 };
const LEADER_TIMEOUT_MS = 15_000;
const TAIL_LINES = 80;

/** For one test; call it inside, so that a failure can print what the nodes said. */
export async function startCluster(options?: ContainerClusterOptions): Promise<ContainerCluster> {
  const cluster = await ContainerCluster.plan(options);
  onTestFailed(() => {
    process.stderr.write(`\n${cluster.tails()}\n`);
  });
  return await cluster.startAll();
}

export class ContainerCluster implements FaultableCluster {
  readonly capabilities: Capabilities;
  readonly nodes: readonly FaultNode[];
  readonly #name: string;
  readonly #hosts: ReadonlyMap<string, ContainerHost>;
  readonly #network: PacketNetwork;
  readonly #open: Database[] = [];

  private constructor({ name, hosts, capabilities }: BuiltHosts) {
    this.#name = name;
    this.#hosts = new Map(hosts.map((host) => [host.id, host]));
    this.#network = new PacketNetwork(new Map(hosts.map(({ id, pod }) => [id, pod])));
    this.capabilities = capabilities;
    this.nodes = hosts.map(({ id, client }) => ({ id, client }));
  }

  /** All nodes started and ready. */
  static async start(options?: ContainerClusterOptions): Promise<ContainerCluster> {
    return await (await ContainerCluster.plan(options)).startAll();
  }

  /** Network, hosts and disks; no node is started yet. */
  static async plan({ nodes = 3, args = [] }: ContainerClusterOptions = {}): Promise<ContainerCluster> {
    const name = `quorate-${randomBytes(4).toString('hex')}`;
    try {
      const cluster = new ContainerCluster(await buildHosts(name, nodes, args));
      await cluster.#network.open();
      return cluster;
    } catch (error) {
      await tearDown(name);
      throw error;
    }
  }

  async startAll(): Promise<this> {
    try {
      await Promise.all([...this.#hosts.values()].map(({ node }) => node.start()));
      return this;
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
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
    return await statusOf(node.client);
  }

  async connect({ only = this.nodes, ...options }: ClusterConnectOptions = {}): Promise<Database> {
    const db = await connect(`quorate://${only.map(({ client }) => client).join(',')}`, options);
    this.#open.push(db);
    return db;
  }

  async isolate(node: FaultNode): Promise<void> {
    await this.#network.isolate(node);
  }

  async partition(...groups: readonly (readonly FaultNode[])[]): Promise<void> {
    await this.#network.shape(partitioned(groups.map(idsOf)));
  }

  async oneWay(from: FaultNode, to: FaultNode): Promise<void> {
    await this.#network.deafen(from, to);
  }

  async bridge(node: FaultNode): Promise<void> {
    await this.#network.shape(bridged(idsOf(this.nodes), node.id));
  }

  async ring(): Promise<void> {
    await this.#network.shape(inRing(idsOf(this.nodes)));
  }

  async chain(...order: readonly FaultNode[]): Promise<void> {
    await this.#network.shape(inChain(idsOf(order)));
  }

  async flap(link: Link, times: FlapTimes = A_SECOND_EACH): Promise<void> {
    await this.#network.flap(link, times);
  }

  async lose(link: Link, percent: number): Promise<void> {
    await this.#network.set(link, { kind: 'lose', percent });
  }

  async throttle(link: Link, bytesPerSecond: number): Promise<void> {
    await this.#network.set(link, { kind: 'throttle', bytesPerSecond });
  }

  async delay(): Promise<void> {
    throw new Error('packets cannot be delayed here: capabilities says why');
  }

  async halfOpen(link: Link): Promise<void> {
    await this.#network.halfOpen(link);
  }

  async cut(link: Link): Promise<void> {
    await this.#network.cut(link);
  }

  async loseReplies(node: FaultNode): Promise<void> {
    await this.#network.loseReplies(node);
  }

  async pause(node: FaultNode): Promise<void> {
    await this.host(node).node.pause();
  }

  async resume(node: FaultNode): Promise<void> {
    await this.host(node).node.resume();
  }

  async busyLoop(node: FaultNode, ms: number): Promise<void> {
    await this.host(node).busyLoop(ms);
  }

  async kill9(node: FaultNode): Promise<void> {
    await this.host(node).node.kill9();
  }

  async stop(node: FaultNode): Promise<void> {
    await this.host(node).node.stop();
  }

  async restart(at: FaultNode, { ready = true }: { readonly ready?: boolean } = {}): Promise<void> {
    const { node } = this.host(at);
    if (node.alive) await node.kill9();
    if (ready) await node.start();
    else await node.launch();
  }

  async wipe(node: FaultNode): Promise<void> {
    await this.host(node).wipe();
  }

  async clockJump(node: FaultNode, ms: number): Promise<void> {
    this.host(node).clockJump(ms);
  }

  async clockDrift(node: FaultNode, percent: number): Promise<void> {
    this.host(node).clockDrift(percent);
  }

  async crashAtSync(node: FaultNode, nth: number, when: 'before' | 'after'): Promise<void> {
    this.host(node).crashAtSync(nth, when);
  }

  async failSync(node: FaultNode): Promise<void> {
    this.host(node).setSync('fails');
  }

  async lieAboutSync(node: FaultNode): Promise<void> {
    this.host(node).setSync('lies');
  }

  async stallSync(node: FaultNode, ms: number): Promise<void> {
    this.host(node).stallSync(ms);
  }

  async fillDisk(node: FaultNode): Promise<void> {
    await this.host(node).fillDisk();
  }

  async powerCut(node: FaultNode): Promise<void> {
    await this.host(node).powerCut();
  }

  async heal(): Promise<void> {
    await this.#network.heal();
    await Promise.all([...this.#hosts.values()].map((host) => host.heal()));
  }

  async proof(): Promise<Proof> {
    return {
      links: await this.#network.proof(),
      nodes: [...this.#hosts.values()].map(({ node }) => node.proof),
    };
  }

  async dataDirectory(node: FaultNode): Promise<string> {
    return this.host(node).node.dataDirectory;
  }

  async said(node: FaultNode): Promise<readonly string[]> {
    return this.host(node).node.log;
  }

  /** The newest lines of all nodes. */
  tails(): string {
    return [...this.#hosts.values()]
      .map(({ id, node }) =>
        node.log
          .slice(-TAIL_LINES)
          .map((line) => `  ${id} │ ${line}`)
          .join('\n'),
      )
      .join('\n\n');
  }

  /** For what only containers can do. */
  host(node: FaultNode): ContainerHost {
    const found = this.#hosts.get(node.id);
    if (found === undefined) throw new Error(`no node ${node.id}`);
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#open.map((db) => db.close()));
    await this.#network.close();
    await tearDown(this.#name);
  }
}

function idsOf(nodes: readonly FaultNode[]): readonly string[] {
  return nodes.map(({ id }) => id);
}
