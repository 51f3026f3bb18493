import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { freePorts } from './free-ports.mjs';
import { Leftovers } from './leftovers.mjs';
import { LocalNode } from './local-node.mjs';
import { waitFor } from './wait-for.mjs';

/**
 * A cluster of real processes on this machine, in a folder of its own, that leaves nothing behind: not when it is
 * disposed of, and not when its owner crashes either.
 *
 * @typedef {object} ClusterOptions
 * @property {number} [nodes] three unless said otherwise
 * @property {string} [name] the cluster's name
 * @property {readonly string[]} [args] more arguments for every `quorate start`
 */
export class LocalCluster {
  /** @readonly */ name;
  /** @readonly */ nodes;
  /** @readonly */ folder;
  #leftovers;

  /** @param {string} name @param {string} folder @param {readonly LocalNode[]} nodes @param {Leftovers} leftovers */
  constructor(name, folder, nodes, leftovers) {
    this.name = name;
    this.folder = folder;
    this.nodes = nodes;
    this.#leftovers = leftovers;
  }

  /** Ports, folders and nodes, none of them started. @param {ClusterOptions} [options] */
  static async plan({ nodes: count = 3, name = 'test', args = [] } = {}) {
    const folder = await mkdtemp(path.join(tmpdir(), 'quorate-'));
    const leftovers = new Leftovers();
    leftovers.folder(folder);
    const ports = await freePorts(count * 2);
    const plans = Array.from({ length: count }, (_, index) => ({
      id: `n${index + 1}`,
      client: `127.0.0.1:${ports[index * 2]}`,
      peer: `127.0.0.1:${ports[index * 2 + 1]}`,
      dataDir: path.join(folder, `n${index + 1}`),
    }));
    const peers = plans.map((each) => `${each.id}=${each.peer}`).join(',');
    const nodes = plans.map(
      (plan) => new LocalNode({ ...plan, args: [...startArgs(plan, name, peers), ...args] }, leftovers),
    );
    return new LocalCluster(name, folder, nodes, leftovers);
  }

  /** All nodes started and ready. @param {ClusterOptions} [options] */
  static async start(options) {
    const cluster = await LocalCluster.plan(options);
    try {
      await cluster.startAll();
      return cluster;
    } catch (error) {
      await cluster.dispose();
      throw error;
    }
  }

  async startAll() {
    await Promise.all(this.nodes.filter((node) => !node.alive).map((node) => node.start()));
  }

  get alive() {
    return this.nodes.filter((node) => node.alive && !node.paused);
  }

  /** `quorate://` and every node. */
  get endpoints() {
    return endpointsOf(this.nodes);
  }

  /** `--peers` for every node. */
  get peers() {
    return this.nodes.map((node) => `${node.id}=${node.peer}`).join(',');
  }

  /** @param {string | null} id */
  node(id) {
    const found = this.nodes.find((node) => node.id === id);
    if (found === undefined) throw new Error(`no node ${id}`);
    return found;
  }

  /** The node that leads the newest term that any living node has seen; waits until there is one. */
  async leader(timeoutMs = 10_000) {
    return await waitFor(
      'a leader',
      async () => {
        const seen = await Promise.all(this.alive.map((node) => node.status().catch(() => null)));
        const term = Math.max(...seen.map((status) => status?.term ?? 0));
        const leading = seen.find((status) => status?.role === 'leader' && status.term === term);
        return leading ? this.node(leading.id) : undefined;
      },
      timeoutMs,
    );
  }

  /** Kills everything that still runs, paused or not, and removes the folder. Safe to call twice. */
  async dispose() {
    await Promise.all(this.nodes.filter((node) => node.alive).map((node) => node.kill9()));
    await this.#leftovers.close();
  }
}

/** @param {{ id: string, client: string, peer: string, dataDir: string }} plan @param {string} name @param {string} peers */
export function startArgs(plan, name, peers) {
  const { id, dataDir, client, peer } = plan;
  const flags = { id, data: dataDir, cluster: name, peers, client, peer };
  return Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]);
}

/** @param {readonly { client: string }[]} nodes */
export function endpointsOf(nodes) {
  return `quorate://${nodes.map((node) => node.client).join(',')}`;
}
