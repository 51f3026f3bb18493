import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';

import { freePorts } from '../../scripts/support/free-ports.mjs';
import { Running } from './cli-process.ts';

const MORE_THAN_A_PIPE_HOLDS = 768 * 1024;

test('Ctrl-C ends a command that waits for a silent server, at once and with 130', async () => {
  const [port = 0] = await freePorts(1);
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  try {
    await using command = new Running([
      'get',
      'k',
      '--endpoints',
      `quorate://127.0.0.1:${port}`,
      '--timeout',
      '60s',
    ]);
    await new Promise((resolve) => {
      server.once('connection', resolve);
    });
    command.signal('SIGINT');
    expect(await command.ended).toMatchObject({
      code: 130,
      out: '',
      err: expect.stringContaining('error[ABORTED]'),
    });
  } finally {
    server.close();
  }
});

test('Ctrl-C ends a put that waits for its value, and nothing is written', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'quorate-interrupt-'));
  try {
    const [clientPort, peerPort] = await freePorts(2);
    const client = `127.0.0.1:${clientPort}`;
    const args = ['--id', 'n1', '--data', folder, '--cluster', 'c', '--peers', `n1=127.0.0.1:${peerPort}`];
    await using node = new Running(['start', ...args, '--client', client]);
    await node.says(/"event":"ready"/);
    await using command = new Running(['put', 'k', '--endpoints', `quorate://${client}`]);
    await command.feed(new Uint8Array(MORE_THAN_A_PIPE_HOLDS));
    command.signal('SIGINT');
    expect(await command.ended).toMatchObject({ code: 130, out: '' });
    expect(await keyCount(client)).toBe(0);
  } finally {
    await rm(folder, { recursive: true });
  }
});

async function keyCount(client: string): Promise<number> {
  const response = await fetch(`http://${client}/v1/status`);
  const status: { readonly keyCount: number } = JSON.parse(await response.text());
  return status.keyCount;
}
