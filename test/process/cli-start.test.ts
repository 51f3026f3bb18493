import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

import { freePorts } from '../../scripts/support/free-ports.mjs';
import { quorate, Running } from './cli-process.ts';

interface Place extends AsyncDisposable {
  readonly folder: string;
  readonly data: string;
  readonly client: string;
  readonly peer: string;
  /** `start` for a cluster of one, which needs nobody. */
  readonly args: readonly string[];
}

async function place(): Promise<Place> {
  const folder = await mkdtemp(path.join(tmpdir(), 'quorate-start-'));
  const [clientPort, peerPort] = await freePorts(2);
  const client = `127.0.0.1:${clientPort}`;
  const peer = `127.0.0.1:${peerPort}`;
  const data = path.join(folder, 'data');
  const args = [
    'start',
    '--id',
    'n1',
    '--data',
    data,
    '--cluster',
    'one',
    '--peers',
    `n1=${peer}`,
    '--client',
    client,
  ];
  return { folder, data, client, peer, args, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

test('a node says one line on standard output when it is ready, logs elsewhere, and stops with 0', async () => {
  await using there = await place();
  await using node = new Running(there.args);
  await node.says(/"event":"ready"/);
  expect(
    node.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([{ event: 'ready', id: 'n1', pid: node.pid, client: there.client, peer: there.peer }]);
  for (const line of node.err.trimEnd().split('\n')) expect(JSON.parse(line)).toMatchObject({ node: 'n1' });
  node.signal('SIGTERM');
  expect(await node.ended).toMatchObject({ code: 0, signal: null });
});

test('all can be said in a file and in variables; a silent node logs nothing', async () => {
  await using there = await place();
  const file = path.join(there.folder, 'n1.json');
  const settings = {
    '//': 'a comment',
    cluster: 'one',
    data: there.data,
    peers: { n1: there.peer },
    client: there.client,
  };
  await writeFile(file, JSON.stringify(settings));
  await using node = new Running(['start'], {
    QUORATE_CONFIG: file,
    QUORATE_ID: 'n1',
    QUORATE_LOG_LEVEL: 'silent',
  });
  await node.says(/"event":"ready"/);
  node.signal('SIGINT');
  expect(await node.ended).toMatchObject({ code: 0, err: '' });
});

test('a node that waits for the others stops with 0 as well', async () => {
  await using there = await place();
  const [other] = await freePorts(1);
  const peers = `n1=${there.peer},n2=127.0.0.1:${other}`;
  await using node = new Running([...there.args, '--peers', peers]);
  await node.says(/"level":"info"/);
  node.signal('SIGTERM');
  expect(await node.ended).toMatchObject({ code: 0, out: '' });
});

describe('bad input ends with a code, a sentence and a hint, and touches no data', () => {
  test('a port in use', async () => {
    await using there = await place();
    for (const address of [there.client, there.peer]) {
      const server = createServer();
      await new Promise<void>((resolve) => {
        server.listen(Number(address.split(':')[1]), '127.0.0.1', resolve);
      });
      const { code, out, err } = await quorate(there.args);
      expect(err).toMatch(new RegExp(`^error\\[ADDRESS_IN_USE\\]: .*${address.split(':')[1]}`, 'm'));
      expect({ code, out }).toEqual({ code: 1, out: '' });
      await new Promise((resolve) => {
        server.close(resolve);
      });
    }
  });

  test('a second process on the same data directory', async () => {
    await using there = await place();
    await using node = new Running(there.args);
    await node.says(/"event":"ready"/);
    const [client, peer] = await freePorts(2);
    const second = await quorate([
      ...there.args,
      '--client',
      `127.0.0.1:${client}`,
      '--peers',
      `n1=127.0.0.1:${peer}`,
    ]);
    expect(second.err).toMatch(/^error\[DATA_LOCKED\]: .*\nhint: /m);
    expect(second).toMatchObject({ code: 1, out: '' });
  });

  test('a data directory of somebody else', async () => {
    await using there = await place();
    await mkdir(there.data);
    await writeFile(path.join(there.data, 'letter.txt'), 'mine');
    const { code, out, err } = await quorate(there.args);
    expect(err).toMatch(/^error\[DATA_DIR_UNUSABLE\]: /m);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(await readdir(there.data)).toEqual(['letter.txt']);
  });

  test('a data directory that is a file, or lies below one', async () => {
    await using there = await place();
    await writeFile(there.data, 'mine');
    for (const data of [there.data, path.join(there.data, 'below')]) {
      const { code, err } = await quorate([...there.args, '--data', data]);
      expect(err).toMatch(/^error\[DATA_DIR_UNUSABLE\]: /m);
      expect(code).toBe(1);
    }
  });

  test('the data directory of another node', async () => {
    await using there = await place();
    await using node = new Running(there.args);
    await node.says(/"event":"ready"/);
    node.signal('SIGTERM');
    await node.ended;
    const args = there.args.map((word) => (word === 'n1' ? 'n9' : word.replace(/^n1=/, 'n9=')));
    const { code, err } = await quorate(args);
    expect(err).toMatch(/^error\[WRONG_NODE\]: /m);
    expect(code).toBe(1);
  });

  test('settings that are misspelt, missing or open to the world', async () => {
    await using there = await place();
    const file = path.join(there.folder, 'n1.json');
    await writeFile(file, JSON.stringify({ hartbeatMs: 50 }));
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [
        ['--config', file],
        /^error\[CONFIG_INVALID\]: "hartbeatMs" in .*\nhint: did you mean "heartbeatMs"\?$/m,
      ],
      [
        ['--client', '0.0.0.0:7400'],
        /^error\[CONFIG_INVALID\]: client is 0\.0\.0\.0:7400.*\nhint: .*--insecure/m,
      ],
      [['--peers', 'n2=127.0.0.1:7401'], /^error\[CONFIG_INVALID\]: peers does not name this node/m],
      [['--hartbeat-ms', '50'], /^error\[INVALID_ARGUMENT\]: unknown option '--hartbeat-ms'/m],
    ];
    for (const [more, sentence] of cases) {
      const { code, out, err } = await quorate([...there.args, ...more]);
      expect(err).toMatch(sentence);
      expect({ code, out }).toEqual({ code: 2, out: '' });
    }
    expect(await readdir(there.folder)).toEqual(['n1.json']);
  });
});
