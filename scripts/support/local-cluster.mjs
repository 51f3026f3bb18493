import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePorts } from './free-ports.mjs';
import { LocalNode } from './local-node.mjs';
import { waitFor } from './wait-for.mjs';

/**
 * A cluster of real processes on this machine, in a folder of its own, that leaves nothing behind: not when it is
 * disposed of, and not when its owner crashes either (reaper.mjs).
 *
 * @typedef {object} ClusterOptions
 * @property {number} [nodes] three unless said otherwise
 * @property {string} [name] the cluster's name
 * @property {readonly string[]} [args] more arguments for every `quorate start`
 */
const REAPER = fileURLToPath(new URL('reaper.mjs', import.meta.url));

export class LocalCluster {
  /** @readonly */ name;
  /** @readonly */ nodes;
  /** @readonly */ folder;
  #reaper;

  /**
   * @param {string} name @param {string} folder @param {readonly LocalNode[]} nodes
   * @param {import('node:child_process').ChildProcess} reaper
   */
  constructor(name, folder, nodes, reaper) {
    this.name = name;
    this.folder = folder;
    this.nodes = nodes;
    this.#reaper = reaper;
  }

  /** Ports, folders and nodes, none of them started. @param {ClusterOptions} [options] */
  static async plan({ nodes: count = 3, name = 'test', args = [] } = {}) {
    const folder = await mkdtemp(path.join(tmpdir(), 'quorate-'));
    const reaper = spawn(process.execPath, [REAPER], { stdio: ['pipe', 'ignore', 'inherit'] });
    /** @param {string} line */
    const tell = (line) => reaper.stdin.write(`${line}\n`);
    // A reaper that is gone has done its work.
    reaper.stdin.on('error', () => {});
    tell(`folder ${folder}`);
    const ports = await freePorts(count * 2);
    const plans = Array.from({ length: count }, (_, index) => ({
      id: `n${index + 1}`,
      client: `127.0.0.1:${ports[index * 2]}`,
      peer: `127.0.0.1:${ports[index * 2 + 1]}`,
      dataDir: path.join(folder, `n${index + 1}`),
    }));
    const peers = plans.map((each) => `${each.id}=${each.peer}`).join(',');
    const registry = {
      born: (/** @type {number} */ pid) => void tell(`born ${pid}`),
      gone: (/** @type {number} */ pid) => void tell(`gone ${pid}`),
    };
    const nodes = plans.map(
      (plan) => new LocalNode({ ...plan, args: [...startArgs(plan, name, peers), ...args] }, registry),
    );
    return new LocalCluster(name, folder, nodes, reaper);
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
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    this.#reaper.stdin?.end();
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
