import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/program.ts';
import { fakeIo } from './fake-io.ts';

async function quorate(line: string, options: Parameters<typeof fakeIo>[0] = {}) {
  const io = fakeIo(options);
  const code = await run(line === '' ? [] : line.split(' '), io);
  return { code, out: io.said.out(), err: io.said.err() };
}

describe('usage errors end with 2, and say on standard error what is wrong and where help is', () => {
  test.each([
    ['frobnicate', "unknown command 'frobnicate'", 'quorate --help'],
    ['statsu', "unknown command 'statsu'", 'Did you mean status?'],
    ['start --heartbeat 3', "unknown option '--heartbeat'", 'Did you mean --heartbeat-ms?'],
    ['start --cluter x', "unknown option '--cluter'", 'Did you mean --cluster?'],
    ['get', "missing required argument 'KEY'", 'quorate get --help'],
    ['get a b', 'too many arguments', 'quorate get --help'],
    ['put k -v', "unknown option '-v'", 'a value that begins with a dash comes after --'],
    ['put k v --if-revision x', 'it is a whole number from 1', 'quorate put --help'],
    ['get k --level eventual', 'it is one of linearizable, local', 'quorate get --help'],
    ['get k -o xml', 'it is one of table, json, raw', 'quorate get --help'],
    ['get k --timeout 3h', 'it is a time like 3s or 500ms', 'quorate get --help'],
    ['get k --endpoints', 'argument missing', 'quorate get --help'],
    ['increment k 1.5', 'it is a whole number of at most 64 bits', 'quorate increment --help'],
    [
      'increment k 9223372036854775808',
      'it is a whole number of at most 64 bits',
      'quorate increment --help',
    ],
    ['delete', 'delete takes either KEY or --prefix PREFIX', ''],
    ['delete k --prefix p', 'delete takes either KEY or --prefix PREFIX', ''],
    ['delete --prefix p --if-revision 3', '--if-revision speaks of one key', ''],
    ['delete --prefix=', 'the empty prefix means every key there is', 'add --yes if you mean it'],
    ['demo --nodes 0', 'it is a whole number from 1 to 9', 'quorate demo --help'],
    ['demo --port 65530', '3 nodes from port 65530 would need port 65551', '--port may be at most 65514'],
  ])('quorate %s', async (line, sentence, hint) => {
    const { code, out, err } = await quorate(line);
    expect(err).toMatch(/^error\[INVALID_ARGUMENT\]: /);
    expect(err).toContain(sentence);
    expect(err).toContain(hint);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });

  test('without a command the whole help is there, on standard error', async () => {
    const { code, out, err } = await quorate('');
    expect(err).toContain('quorate demo');
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });

  test('with -o json the error is one JSON line', async () => {
    for (const line of ['delete -o json', 'delete --output=json', 'get -o=json']) {
      const { err } = await quorate(line);
      expect(JSON.parse(err)).toMatchObject({ code: 'INVALID_ARGUMENT', outcome: 'not-applied' });
    }
    const { err } = await quorate('get', { env: { QUORATE_OUTPUT: 'json' } });
    expect(JSON.parse(err)).toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect((await quorate('get -- -o json')).err).toMatch(/^error\[/);
  });

  test('a variable out of place is named', async () => {
    const { code, err } = await quorate('get k', { env: { QUORATE_TIMEOUT: 'soon' } });
    expect(err).toContain('QUORATE_TIMEOUT is "soon": it is a time like 3s or 500ms');
    expect(code).toBe(2);
  });
});

describe('settings of a node', () => {
  test.each([
    ['start', 'id is not set'],
    ['start --config /nowhere.json', 'the configuration file cannot be read'],
    ['start --id n1 --data d --cluster c --peers n2=127.0.0.1:7401', 'peers does not name this node'],
    ['start --id n1 --data d --cluster c --peers n1=0.0.0.0:7401', 'others than this machine can reach'],
    ['config print --heartbeat-ms 5', 'heartbeatMs is "5" (from --heartbeat-ms)'],
  ])('quorate %s ends with 2 and CONFIG_INVALID', async (line, sentence) => {
    const { code, out, err } = await quorate(line);
    expect(err).toMatch(/^error\[CONFIG_INVALID\]: /);
    expect(err).toContain(sentence);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });

  test('config print shows value and source, one setting a line', async () => {
    const env = { QUORATE_ID: 'n7' };
    const { code, out } = await quorate('config print --heartbeat-ms 40ms --insecure -o json', { env });
    const rows = out
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(code).toBe(0);
    expect(rows).toContainEqual({ key: 'id', value: 'n7', source: 'variable', name: 'QUORATE_ID' });
    expect(rows).toContainEqual({ key: 'heartbeatMs', value: '40', source: 'flag', name: '--heartbeat-ms' });
    expect(rows).toContainEqual({ key: 'insecure', value: 'true', source: 'flag', name: '--insecure' });
    expect(rows).toContainEqual({ key: 'data', value: null, source: 'default', name: 'default' });
  });

  test('help for start names every flag with its variable', async () => {
    const { code, out } = await quorate('start --help');
    expect(code).toBe(0);
    expect(out).toContain('--election-timeout-min-ms');
    expect(out.replaceAll(/\s+/g, ' ')).toContain('[QUORATE_ELECTION_TIMEOUT_MIN_MS]');
    expect(out).not.toContain('die-with-parent');
  });
});

test('status without a cluster ends with 5 and names what was tried', async () => {
  const { code, out, err } = await quorate('status --endpoints quorate://127.0.0.1:1 --timeout 2s');
  expect(err).toContain('error[UNAVAILABLE]: no node answers (tried 127.0.0.1:1 ');
  expect({ code, out }).toEqual({ code: 5, out: '' });
});

test('endpoints that are none are a usage error', async () => {
  const { code, err } = await quorate('status --endpoints http://127.0.0.1:7400');
  expect(err).toContain('error[INVALID_ARGUMENT]');
  expect(code).toBe(2);
});

test('--version is that of the package', async () => {
  const { code, out } = await quorate('--version');
  expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(code).toBe(0);
});
