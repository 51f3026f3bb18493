import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

import { freePorts, isFree } from '../../scripts/support/free-ports.mjs';
import { waitFor } from '../../scripts/support/wait-for.mjs';
import { connect } from '../../src/client/index.ts';
import { quorate, Running } from './cli-process.ts';

interface Ready {
  readonly event: 'ready';
  readonly endpoints: readonly string[];
  readonly dashboard: string;
  readonly data: string;
  readonly nodes: readonly {
    readonly id: string;
    readonly pid: number;
    readonly client: string;
    readonly peer: string;
  }[];
}

/** A --port from which all of a demo's ports are free. */
async function freeBase(nodes = 3): Promise<number> {
  return await waitFor('a free range of ports', async () => {
    const [base = 0] = await freePorts(1);
    for (let index = 0; index < nodes; index += 1) {
      if (!(await isFree(base + 10 * index)) || !(await isFree(base + 10 * index + 1))) return undefined;
    }
    return base;
  });
}

async function readyLine(demo: Running): Promise<Ready> {
  const [line = ''] = await demo.says(/^\{"event":"ready".*\}$/m);
  return JSON.parse(line);
}

/** Nobody listens any more where the nodes did: they have ended. */
async function gone({ nodes }: Ready): Promise<void> {
  const ports = nodes
    .flatMap(({ client, peer }) => [client, peer])
    .map((address) => Number(address.split(':')[1]));
  await waitFor('the nodes gone', async () =>
    (await Promise.all(ports.map(isFree))).every(Boolean) ? true : undefined,
  );
}

describe('demo --no-shell', () => {
  test('one ready line, nodes where the rule says, data that is gone after SIGTERM', async () => {
    const port = await freeBase(5);
    await using demo = new Running(['demo', '--nodes', '5', '--no-shell', '--port', String(port)]);
    const ready = await readyLine(demo);
    expect(ready.nodes.map(({ id, client, peer }) => [id, client, peer])).toEqual(
      [0, 1, 2, 3, 4].map((index) => [
        `n${index + 1}`,
        `127.0.0.1:${port + 10 * index}`,
        `127.0.0.1:${port + 10 * index + 1}`,
      ]),
    );
    expect(ready.endpoints).toEqual(ready.nodes.map(({ client }) => client));
    expect((await fetch(ready.dashboard)).status).toBe(200);
    expect(demo.err).toContain('Starting 5 nodes');
    const db = await connect(`quorate://${ready.endpoints.join(',')}`);
    await db.put('a', '1');
    await db.close();

    demo.signal('SIGTERM');
    const ended = await demo.ended;
    expect(ended).toMatchObject({ code: 0, signal: null });
    expect(ended.err).toContain('the data is removed');
    expect(existsSync(ready.data)).toBe(false);
    await gone(ready);
  });

  test('a node that dies is reported and stays dead; the others go on', async () => {
    const port = await freeBase();
    await using demo = new Running(['demo', '--no-shell', '--port', String(port)]);
    const ready = await readyLine(demo);
    const [victim, ...others] = ready.nodes;
    if (victim === undefined) throw new Error('three nodes');
    process.kill(victim.pid, 'SIGKILL');
    await demo.says(new RegExp(`${victim.id} has died \\(SIGKILL\\)`));
    const db = await connect(`quorate://${others.map(({ client }) => client).join(',')}`);
    await db.put('after', 'death');
    await db.close();
    expect(await isFree(port)).toBe(true);
    demo.signal('SIGINT');
    expect(await demo.ended).toMatchObject({ code: 0 });
    await gone(ready);
  });

  test('killed itself, it takes its nodes along', async () => {
    await using demo = new Running(['demo', '--no-shell', '--port', String(await freeBase())]);
    const ready = await readyLine(demo);
    demo.signal('SIGKILL');
    await demo.ended;
    await gone(ready);
    await rm(ready.data, { recursive: true, force: true });
  });

  test('a second signal does not wait', async () => {
    await using demo = new Running(['demo', '--no-shell', '--port', String(await freeBase())]);
    const ready = await readyLine(demo);
    // A node that cannot answer would make a graceful stop wait.
    for (const { pid } of ready.nodes) process.kill(pid, 'SIGSTOP');
    demo.signal('SIGTERM');
    await demo.says(/Stopping the nodes/);
    demo.signal('SIGTERM');
    expect(await demo.ended).toMatchObject({ code: 130 });
    await gone(ready);
  });

  test('a port that is taken is named before anything starts, with a --port that works', async () => {
    const port = await freeBase();
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(port + 11, '127.0.0.1', resolve);
    });
    const { code, out, err } = await quorate(['demo', '--no-shell', '--port', String(port)]);
    await new Promise((resolve) => {
      server.close(resolve);
    });
    expect(err).toMatch(
      new RegExp(`^error\\[ADDRESS_IN_USE\\]: port ${port + 11} \\(for peers of n2\\) is taken`),
    );
    expect({ code, out }).toEqual({ code: 1, out: '' });
    const [, offered = ''] = /hint: quorate demo --port (\d+) /.exec(err) ?? [];
    await using demo = new Running(['demo', '--no-shell', '--port', offered]);
    expect((await readyLine(demo)).endpoints[0]).toBe(`127.0.0.1:${offered}`);
  });
});

describe('the shell, from a pipe', () => {
  test('writes, loses its leader, reads, brings it back; results alone on standard output', async () => {
    const script = `
      put greeting "hello world"
      get greeting
      increment hits 41
      kill leader
      get greeting
      increment hits   # the new leader knows
      scan
      restart n1 n2 n3
      get hits
      exit
      put never reached`;
    const { code, out, err } = await quorate(['demo', '--port', String(await freeBase())], { input: script });
    expect(out.split('\n').slice(1)).toEqual([
      'hello world',
      '41',
      'hello world',
      '42',
      'greeting\thello world',
      'hits\t42',
      '42',
      '',
    ]);
    expect(err).toMatch(/n\d killed; it was the leader; restart n\d brings it back/);
    expect(code).toBe(0);
  });

  test('a mistake is explained, the next command runs, and the exit code is that of the first failure', async () => {
    const script = [
      'gte a',
      'get nowhere',
      'kill n9',
      'put a',
      "put a 'b",
      'put a --if-absent x',
      'get a',
      'lease keep-alive 5',
      'help',
    ];
    const { code, out, err } = await quorate(['demo', '--port', String(await freeBase())], {
      input: script.join('\n'),
    });
    expect(err).toContain("error[INVALID_ARGUMENT]: unknown command 'gte'\nhint: Did you mean get?");
    expect(err).toContain('error[NOT_FOUND]: there is no key "nowhere"');
    expect(err).toContain('error[INVALID_ARGUMENT]: there is no node "n9"\nhint: the nodes are n1, n2, n3');
    expect(err).toContain('error[INVALID_ARGUMENT]: put needs a value');
    expect(err).toContain("error[INVALID_ARGUMENT]: the quote ' is not closed");
    expect(err).toMatch(/error\[INVALID_ARGUMENT\]: .*\nhint: lease keep-alive ID --once /);
    expect(out).toMatch(/^\d+\nx\n/);
    expect(out).toContain('kill');
    expect(code).toBe(2);
  });

  test('with nothing to read it is as --no-shell: of use, rather than gone', async () => {
    await using demo = new Running(['demo', '--port', String(await freeBase())]);
    demo.end();
    const ready = await readyLine(demo);
    demo.signal('SIGTERM');
    expect(await demo.ended).toMatchObject({ code: 0 });
    await gone(ready);
  });
});

test('--data is kept, and started from again', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'quorate-demo-kept-'));
  try {
    const args = ['demo', '--data', path.join(folder, 'here'), '--port', String(await freeBase(5))];
    const first = await quorate([...args, '--nodes', '5'], { input: 'put kept value' });
    expect(first).toMatchObject({ code: 0 });
    expect(first.err).toContain(`the data is kept in ${folder}`);
    const other = await quorate([...args, '--nodes', '3'], { input: 'get kept' });
    expect(other).toMatchObject({ code: 2, out: '' });
    expect(other.err).toContain('holds a cluster of 5 nodes, not of 3');
    const again = await quorate(args, { input: 'get kept' });
    expect(again).toMatchObject({ code: 0, out: 'value\n' });
  } finally {
    await rm(folder, { recursive: true });
  }
});
