import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { LocalCluster } from '../../scripts/support/local-cluster.mjs';
import { quorate } from './cli-process.ts';

let cluster: LocalCluster;
const env: Record<string, string> = {};

beforeAll(async () => {
  cluster = await LocalCluster.start();
  env['QUORATE_ENDPOINTS'] = cluster.endpoints;
});

afterAll(async () => {
  await cluster?.dispose();
});

async function ok(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await quorate(args, { env });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
}

async function fails(code: number, ...args: readonly string[]): Promise<string> {
  const ended = await quorate(args, { env });
  expect(ended).toMatchObject({ code, out: '' });
  return ended.err;
}

describe('keys from the command line', () => {
  test('what was put is got, raw to the byte, as JSON with its revisions', async () => {
    const { revision } = JSON.parse(await ok('put', 'greeting', 'hello', '-o', 'json'));
    expect(await ok('get', 'greeting')).toBe('hello');
    expect(JSON.parse(await ok('get', 'greeting', '--output', 'json'))).toEqual({
      key: 'greeting',
      value: 'hello',
      createRevision: revision,
      modRevision: revision,
      version: 1,
      lease: '0',
    });
    expect(await ok('get', 'greeting', '-o', 'table')).toMatch(
      /^KEY +VALUE +REVISION +VERSION\ngreeting +hello +\d+ +1\n$/,
    );
  });

  test('a value from standard input comes back byte for byte, a line break at its end included', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const put = await quorate(['put', 'bytes'], { env, input: bytes });
    expect(put.code).toBe(0);
    expect(JSON.parse(await ok('get', 'bytes', '-o', 'json')).value).toEqual({
      b64: Buffer.from(bytes).toString('base64'),
    });
    await quorate(['put', 'line'], { env, input: 'text\n' });
    expect(await ok('get', 'line')).toBe('text\n');
  });

  test('what begins with a dash comes after --', async () => {
    await ok('put', '--', '--key', '-value');
    expect(await ok('get', '--', '--key')).toBe('-value');
  });

  test('a key that is not there ends with 3, and prints no data', async () => {
    expect(await fails(3, 'get', 'nowhere')).toBe('error[NOT_FOUND]: there is no key "nowhere"\n');
  });

  test('a condition that does not hold ends with 4, and changes nothing', async () => {
    const { revision } = JSON.parse(await ok('put', 'once', '1', '--if-absent', '-o', 'json'));
    expect(await fails(4, 'put', 'once', '2', '--if-absent')).toMatch(/^error\[CONFLICT\]: .*\nhint: /);
    expect(JSON.parse(await fails(4, 'put', 'once', '2', '--if-revision', '1', '-o', 'json'))).toMatchObject({
      code: 'CONFLICT',
      outcome: 'not-applied',
      currentRevision: revision,
    });
    await ok('put', 'once', '2', '--if-revision', String(revision));
    expect(await ok('get', 'once')).toBe('2');
  });

  test('scan lists a prefix in order, forwards and backwards, with and without values', async () => {
    for (const name of ['b', 'a', 'c']) await ok('put', `fruit/${name}`, name.toUpperCase());
    expect(await ok('scan', 'fruit/')).toBe('fruit/a\tA\nfruit/b\tB\nfruit/c\tC\n');
    expect(await ok('scan', 'fruit/', '--reverse', '--limit', '2', '--keys-only')).toBe('fruit/c\nfruit/b\n');
    expect(await ok('scan', 'fruit/', '--count')).toBe('3\n');
    const lines = (await ok('scan', 'fruit/', '-o', 'json')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).value)).toEqual(['A', 'B', 'C']);
    expect(await ok('scan', 'nothing/')).toBe('');
  });

  test('increment adds and subtracts; what is no counter is refused', async () => {
    expect(await ok('increment', 'hits')).toBe('1\n');
    expect(await ok('increment', 'hits', '41')).toBe('42\n');
    expect(await ok('increment', 'hits', '-2')).toBe('40\n');
    expect(await ok('get', 'hits')).toBe('40');
    await ok('put', 'word', 'x');
    expect(await fails(1, 'increment', 'word')).toMatch(/^error\[NOT_A_COUNTER\]/);
  });

  test('delete takes a key or a prefix, and says how many there were', async () => {
    for (const name of ['one', 'two', 'three']) await ok('put', `temporary/${name}`, name);
    expect(await ok('delete', 'temporary/one')).toBe('1\n');
    expect(await ok('delete', 'temporary/one')).toBe('0\n');
    expect(JSON.parse(await ok('delete', '--prefix', 'temporary/', '-o', 'json')).deleted).toBe(2);
    expect(await ok('scan', 'temporary/', '--count')).toBe('0\n');
  });

  test('a key over the limit is a usage error that names the limit', async () => {
    expect(await fails(2, 'put', 'k'.repeat(4_097), 'v')).toMatch(/^error\[KEY_TOO_LARGE\]: .*4096/);
    expect(await fails(2, 'put', '', 'v')).toMatch(/^error\[INVALID_ARGUMENT\]: /);
  });
});

describe('status', () => {
  test('shows every node, found from one of them', async () => {
    const one = `quorate://${cluster.nodes[1]?.client}`;
    const lines = (await ok('status', '--endpoints', one, '-o', 'json')).trimEnd().split('\n');
    const nodes = lines.map((line) => JSON.parse(line));
    expect(nodes.map(({ id }) => id)).toEqual(['n1', 'n2', 'n3']);
    expect(nodes.filter(({ role }) => role === 'leader')).toHaveLength(1);
    expect(await ok('status', '--check', '-o', 'table')).toMatch(/^NODE +STATE +TERM/);
  });
});

test('without a cluster a command ends with 5 and names what it tried', async () => {
  const { code, out, err } = await quorate([
    'get',
    'k',
    '--endpoints',
    'quorate://127.0.0.1:1',
    '--timeout',
    '1s',
  ]);
  expect(err).toMatch(/^error\[UNAVAILABLE\]: .*127\.0\.0\.1:1.*\nhint: /s);
  expect({ code, out }).toEqual({ code: 5, out: '' });
});

describe('without a majority', () => {
  test('a read ends with 5, a local read is served, status --check ends with 7', async () => {
    const [first, second, third] = cluster.nodes;
    if (first === undefined || second === undefined || third === undefined) throw new Error('three nodes');
    await ok('put', 'before', 'one');
    await second.kill9();
    await third.kill9();
    const endpoints = `quorate://${first.client}`;
    const refused = await quorate(['get', 'before', '--endpoints', endpoints, '--timeout', '2s']);
    expect(refused.err).toMatch(/^error\[NO_QUORUM\]/);
    expect(refused).toMatchObject({ code: 5, out: '' });
    expect(await ok('get', 'before', '--level', 'local', '--endpoints', endpoints)).toBe('one');
    const status = await quorate(['status', '--check', '-o', 'table'], { env });
    expect(status.code).toBe(7);
    expect(status.out).toMatch(/ +down \(ECONNREFUSED\)/);
    expect(status.err).toMatch(/^unhealthy: /);
    await cluster.startAll();
    expect(await ok('get', 'before')).toBe('one');
  });
});
