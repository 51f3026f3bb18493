import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { isFree } from '../../scripts/support/free-ports.mjs';
import { Leftovers } from '../../scripts/support/leftovers.mjs';
import { record } from '../tidy/manifest.ts';

/** `quorate demo --no-shell`, running until disposed of. */
export interface Demo extends AsyncDisposable {
  /** `host:port` of every node's client listener. */
  readonly endpoints: readonly string[];
}

export async function startDemo(quorate: string, cwd: string): Promise<Demo> {
  const port = await freeDemoPort();
  const leftovers = new Leftovers();
  const child = spawn(quorate, ['demo', '--no-shell', '--port', String(port)], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  leftovers.born(child.pid);
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
  const exit = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exit;
    leftovers.gone(child.pid);
    await leftovers.close();
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const { event, nodes } = record(JSON.parse(line));
    if (event !== 'ready' || !Array.isArray(nodes)) continue;
    const endpoints = nodes.map((node) => String(record(node)['client']));
    return { endpoints, [Symbol.asyncDispose]: stop };
  }
  await stop();
  throw new Error(`demo ended before it was ready:\n${said.join('\n')}`);
}

/** Node i takes port + 10 i for clients and one more for peers. */
async function freeDemoPort(): Promise<number> {
  for (let port = 21_000; port < 31_000; port += 100) {
    const offsets = [0, 1, 10, 11, 20, 21];
    const free = await Promise.all(offsets.map((offset) => isFree(port + offset)));
    if (free.every(Boolean)) return port;
  }
  throw new Error('no free ports for a demo');
}
