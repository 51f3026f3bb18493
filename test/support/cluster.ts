import { onTestFailed } from 'vitest';

import { endpointsOf, LocalCluster, type ClusterOptions } from '../../scripts/support/local-cluster.mjs';
import type { LocalNode, Status } from '../../scripts/support/local-node.mjs';
import { connect } from '../../src/client/index.ts';

export type { LocalNode, Status };
export type Database = Awaited<ReturnType<typeof connect>>;
type ConnectOptions = NonNullable<Parameters<typeof connect>[1]>;

/**
 * A cluster of real processes for one test: `await using cluster = await startCluster({ nodes: 3 })`. Call it inside
 * the test, so that a failure can print what the nodes said.
 */
export async function startCluster(options?: ClusterOptions): Promise<Cluster> {
  const cluster = await planCluster(options);
  try {
    await cluster.local.startAll();
    return cluster;
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
}

/** The same with no node started yet. */
export async function planCluster(options?: ClusterOptions): Promise<Cluster> {
  const cluster = new Cluster(await LocalCluster.plan(options));
  onTestFailed(() => {
    process.stderr.write(`\n${cluster.nodes.map((node) => node.tail()).join('\n\n')}\n`);
  });
  return cluster;
}

export class Cluster implements AsyncDisposable {
  readonly local: LocalCluster;
  readonly #open: Database[] = [];

  constructor(local: LocalCluster) {
    this.local = local;
  }

  get nodes(): readonly LocalNode[] {
    return this.local.nodes;
  }

  get endpoints(): string {
    return this.local.endpoints;
  }

  /** The SDK, closed with the cluster. `only`: the endpoints to begin with; all nodes unless given. */
  async connect(options: ConnectOptions = {}, only: readonly LocalNode[] = this.nodes): Promise<Database> {
    const db = await connect(endpointsOf(only), options);
    this.#open.push(db);
    return db;
  }

  async leader(): Promise<LocalNode> {
    return await this.local.leader();
  }

  /** The nodes that do not lead, in order. */
  async followers(): Promise<readonly LocalNode[]> {
    const leader = await this.leader();
    return this.nodes.filter((node) => node !== leader && node.alive && !node.paused);
  }

  async kill9(node: LocalNode): Promise<void> {
    await node.kill9();
  }

  async restart(node: LocalNode): Promise<void> {
    if (node.alive) await node.kill9();
    await node.start();
  }

  async status(node: LocalNode): Promise<Status> {
    return await node.status();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#open.map((db) => db[Symbol.asyncDispose]()));
    await this.local.dispose();
  }
}
