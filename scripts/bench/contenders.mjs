/**
 * Who is measured. `start` makes a fresh instance and gives what the driver connects to.
 *
 * @typedef {{ target: string, stop: () => Promise<void> }} Instance
 * @typedef {{ start: () => Promise<Instance> }} Contender
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { LocalCluster } from '../support/local-cluster.mjs';

const ECHO_SERVER = fileURLToPath(new URL('echo-server.mjs', import.meta.url));

/** @type {Readonly<Record<string, Contender>>} */
export const CONTENDERS = {
  echo: {
    async start() {
      const child = spawn(process.execPath, [ECHO_SERVER], { stdio: ['pipe', 'pipe', 'inherit'] });
      const [target] = await once(createInterface({ input: child.stdout }), 'line');
      return {
        target: String(target),
        async stop() {
          const exit = once(child, 'exit');
          child.stdin.end();
          await exit;
        },
      };
    },
  },
  level: {
    async start() {
      const folder = await mkdtemp(path.join(tmpdir(), 'quorate-bench-'));
      return { target: path.join(folder, 'level'), stop: () => rm(folder, { recursive: true, force: true }) };
    },
  },
  quorate: { start: startCluster },
};

/** @returns {Promise<Instance>} */
async function startCluster() {
  const cluster = await LocalCluster.start({ name: 'bench', args: ['--log-level', 'warn'] });
  await cluster.leader();
  return { target: cluster.endpoints, stop: () => cluster.dispose() };
}
