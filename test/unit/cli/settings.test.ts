import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { explainSettings, readSettingsFile, resolveSettings } from '../../../src/server/settings-resolve.ts';
import type { SettingsInput } from '../../../src/server/settings-sources.ts';
import { nearest } from '../../../src/server/settings-spelling.ts';
import { SETTINGS, flagOf, variableOf } from '../../../src/server/settings-table.ts';
import { QuorateError } from '../../../src/wire/errors.ts';

const PEERS = 'n2=127.0.0.1:7411,n1=127.0.0.1:7401,n3=127.0.0.1:7421';
const ENOUGH = { id: 'n1', data: './n1', cluster: 'test', peers: PEERS };

function refusal(input: SettingsInput): QuorateError {
  try {
    resolveSettings(input);
  } catch (error) {
    if (QuorateError.is(error)) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

function refused(flags: Record<string, unknown>): string {
  const error = refusal({ flags: { ...ENOUGH, ...flags } });
  expect(error.code).toBe('CONFIG_INVALID');
  return `${error.message}${error.details.hint === undefined ? '' : ` | ${error.details.hint}`}`;
}

test('with the least that must be said, every other setting has the default of SPEC 10', () => {
  const { settings } = resolveSettings({ flags: ENOUGH });
  expect(settings).toEqual({
    id: 'n1',
    dataDir: './n1',
    clusterName: 'test',
    peers: [
      { id: 'n1', address: { host: '127.0.0.1', port: 7401 } },
      { id: 'n2', address: { host: '127.0.0.1', port: 7411 } },
      { id: 'n3', address: { host: '127.0.0.1', port: 7421 } },
    ],
    clientListen: { host: '127.0.0.1', port: 7400 },
    peerListen: { host: '127.0.0.1', port: 7401 },
    clientAdvertise: { host: '127.0.0.1', port: 7400 },
    insecure: false,
    heartbeatMs: 50,
    electionTimeoutMinMs: 300,
    electionTimeoutMaxMs: 600,
    limits: {
      keyBytesMax: 4_096,
      valueBytesMax: 1_048_576,
      requestBytesMax: 1_572_864,
      pageRecordsMax: 1_000,
      pageBytesMax: 1_048_576,
      connectionsMax: 10_000,
      inFlightPerConnectionMax: 256,
    },
    history: { keptMs: 3_600_000, keptRevisions: 1_000_000 },
    allowedOrigins: [],
    allowedHosts: [],
    logLevel: 'info',
  });
});

describe('who is heard', () => {
  const file = { path: 'n1.json', content: { ...ENOUGH, heartbeatMs: 20, logLevel: 'warn' } };

  test('a flag wins over a variable, a variable over the file, the file over the default', () => {
    const everywhere = { flags: { heartbeatMs: '40' }, env: { QUORATE_HEARTBEAT_MS: '30' }, file };
    const inTurn = [everywhere, { ...everywhere, flags: {} }, { file }, { flags: ENOUGH }];
    expect(inTurn.map((input) => resolveSettings(input).settings.heartbeatMs)).toEqual([40, 30, 20, 50]);
    expect(inTurn.map((input) => resolveSettings(input).sources['heartbeatMs'])).toEqual([
      { from: 'flag', name: '--heartbeat-ms' },
      { from: 'variable', name: 'QUORATE_HEARTBEAT_MS' },
      { from: 'file', name: 'n1.json' },
      { from: 'default', name: 'default' },
    ]);
  });

  test('an empty variable is one that is not set', () => {
    expect(resolveSettings({ env: { QUORATE_LOG_LEVEL: '' }, file }).settings.logLevel).toBe('warn');
  });

  test('in a file peers may be an object, lists may be lists, and keys that begin with // are comments', () => {
    const content = {
      '//': 'why',
      ...ENOUGH,
      peers: { n1: '127.0.0.1:7401', n2: '[::1]:7401' },
      allowedHosts: ['a.example'],
    };
    const { settings } = resolveSettings({ file: { path: 'n1.json', content } });
    expect(settings.peers[1]).toEqual({ id: 'n2', address: { host: '::1', port: 7401 } });
    expect(settings.allowedHosts).toEqual(['a.example']);
  });

  test('every setting says its value and its source, also while something required is missing', () => {
    const rows = explainSettings({ flags: { id: 'n1' }, env: { QUORATE_HEARTBEAT_MS: '20' } });
    expect(rows.map(({ key }) => key)).toEqual(SETTINGS.map(({ key }) => key));
    expect(rows.find(({ key }) => key === 'id')).toMatchObject({ value: 'n1', source: { name: '--id' } });
    expect(rows.find(({ key }) => key === 'data')).toMatchObject({ value: null });
    expect(rows.find(({ key }) => key === 'heartbeatMs')?.source.name).toBe('QUORATE_HEARTBEAT_MS');
  });

  test('each key has one flag and one variable, and no two share one', () => {
    expect(new Set(SETTINGS.map(({ key }) => flagOf(key))).size).toBe(SETTINGS.length);
    expect(variableOf('inFlightPerConnectionMax')).toBe('QUORATE_IN_FLIGHT_PER_CONNECTION_MAX');
  });
});

describe('a misspelt key is an error that knows what was meant', () => {
  test('in a file', () => {
    const file = { path: 'n1.json', content: { ...ENOUGH, hartbeatMs: 20 } };
    expect(refusal({ file })).toMatchObject({
      code: 'CONFIG_INVALID',
      message: '"hartbeatMs" in n1.json is not a setting',
      details: { hint: 'did you mean "heartbeatMs"?' },
    });
  });

  test('in a variable', () => {
    expect(refusal({ flags: ENOUGH, env: { QUORATE_HEARTBEET_MS: '20' } })).toMatchObject({
      message: 'QUORATE_HEARTBEET_MS is not a setting',
      details: { hint: 'did you mean QUORATE_HEARTBEAT_MS?' },
    });
  });

  test('as a flag', () => {
    expect(refused({ logLevl: 'info' })).toBe('--log-levl is not a setting | did you mean --log-level?');
  });

  test('one that is like nothing is told where the list is', () => {
    const file = { path: 'n1.json', content: { ...ENOUGH, colour: 'blue' } };
    expect(refusal({ file }).details.hint).toBe('quorate config print lists every setting');
  });

  test('a key that JavaScript inherits is unknown as any other', () => {
    const content: unknown = JSON.parse('{"__proto__": {}, "constructor": 1}');
    expect(refusal({ file: { path: 'n1.json', content } }).message).toContain('is not a setting');
  });

  test('variables that Kubernetes makes for a service named quorate are left alone', () => {
    const env = {
      QUORATE_PORT: 'tcp://10.0.0.1:7400',
      QUORATE_SERVICE_HOST: '10.0.0.1',
      QUORATE_PORT_7400_TCP: 'x',
      QUORATE_ENDPOINTS: 'quorate://a',
    };
    expect(resolveSettings({ flags: ENOUGH, env }).settings.id).toBe('n1');
  });

  test.each([
    ['cleint', 'client'],
    ['peer', 'peer'],
    ['electionTimeoutMin', 'electionTimeoutMinMs'],
    ['xyzzy', null],
  ])('%s means %s', (word, meant) => {
    expect(
      nearest(
        word,
        SETTINGS.map(({ key }) => key),
      ),
    ).toBe(meant);
  });
});

describe('a value out of place is named with its key, where it came from and what is allowed', () => {
  test.each([
    [
      { heartbeatMs: '5' },
      'heartbeatMs is "5" (from --heartbeat-ms); allowed: a whole number from 10 to 5000 ms',
    ],
    [{ heartbeatMs: '50.5' }, 'allowed: a whole number'],
    [{ heartbeatMs: '0x40' }, 'allowed: a whole number'],
    [{ valueBytesMax: '9MiB' }, 'allowed: a whole number from 1 to 8388608 bytes'],
    [{ id: 'n 1' }, 'id is "n 1" (from --id); allowed: letters, digits'],
    [{ id: '../n1' }, 'allowed: letters, digits'],
    [{ logLevel: 'loud' }, 'allowed: one of silent, error, warn, info, debug, trace'],
    [{ client: '127.0.0.1' }, 'allowed: HOST:PORT'],
    [{ client: '127.0.0.300:7400' }, 'allowed: HOST:PORT'],
    [{ client: '127.0.0.1:0' }, 'allowed: HOST:PORT'],
    [{ client: '::1:7400' }, 'an IPv6 address in brackets'],
    [{ insecure: 'perhaps' }, 'allowed: true or false'],
    [{ allowedOrigins: 'https://a.example/path' }, 'an origin as browsers send it'],
    [{ data: '' }, 'allowed: the path of a folder'],
  ])('%j', (flags, sentence) => {
    expect(refused(flags)).toContain(sentence);
  });

  test.each([
    ['', 'every member as ID=HOST:PORT'],
    ['n1', '"n1" lacks its address'],
    ['n1=', '"n1" lacks its address'],
    ['n1=127.0.0.1', 'the address of n1 is "127.0.0.1"'],
    ['n1=127.0.0.1:7401,', '"" lacks its address'],
    ['n1=127.0.0.1:7401,n1=127.0.0.1:7411', 'n1 is named twice'],
    ['n1=127.0.0.1:7401,n2=127.0.0.1:7401', 'n1 and n2 have the same address 127.0.0.1:7401'],
    ['n1=127.0.0.1:7401;n2=127.0.0.1:7411', 'the address of n1 is'],
    ['n1=127.0.0.1:70000', 'a port from 1 to 65535'],
    ['n 1=127.0.0.1:7401', '"n 1" is no node id'],
    [
      'n2=127.0.0.1:7411',
      'peers does not name this node: id is "n1", peers has n2 | add n1=HOST:7401 to peers',
    ],
  ])('peers %j', (peers, sentence) => {
    expect(refused({ peers })).toContain(sentence);
  });

  test.each(['id', 'data', 'cluster', 'peers'])('without %s there is no node', (key) => {
    expect(refused({ [key]: undefined })).toMatch(new RegExp(`^${key} is not set\\..*\\| give --${key} `));
  });

  test('text may carry its unit', () => {
    const { settings } = resolveSettings({
      flags: { ...ENOUGH, electionTimeoutMaxMs: '2s', valueBytesMax: '64KiB', heartbeatMs: '40ms' },
    });
    expect(settings).toMatchObject({ electionTimeoutMaxMs: 2_000, heartbeatMs: 40 });
    expect(settings.limits.valueBytesMax).toBe(65_536);
  });
});

describe('settings fit together', () => {
  test('an election timeout leaves room for lost heartbeats', () => {
    expect(refused({ heartbeatMs: '200' })).toContain('allowed: 3 heartbeats (600) or more');
  });

  test('the span of election timeouts is not empty', () => {
    expect(refused({ electionTimeoutMaxMs: '320' })).toContain('allowed: a heartbeat above it (350) or more');
  });

  test('the largest key and value fit in a request', () => {
    expect(refused({ valueBytesMax: '2MiB' })).toContain(
      'requestBytesMax is 1572864; allowed: 2101760 or more',
    );
  });

  test('clients and peers have a port each', () => {
    expect(refused({ client: '127.0.0.1:7401' })).toContain('client and peer are both 127.0.0.1:7401');
  });
});

describe('loopback only, unless insecure is said aloud', () => {
  test.each(['0.0.0.0:7400', '[::]:7400', '10.0.0.1:7400', 'node.example:7400', '128.0.0.1:7400'])(
    'clients on %s are refused with a hint',
    (client) => {
      expect(refused({ client })).toMatch(
        /^client is .*, which others than this machine can reach \| .*--insecure/,
      );
    },
  );

  test('peers at an address of the network are refused as well', () => {
    expect(refused({ peers: 'n1=10.0.0.1:7401' })).toMatch(/^peer is 10\.0\.0\.1:7401/);
  });

  test.each(['127.0.0.1:7400', '127.1.2.3:7400', '[::1]:7400', 'localhost:7400'])(
    '%s is loopback',
    (client) => {
      expect(resolveSettings({ flags: { ...ENOUGH, client } }).settings.insecure).toBe(false);
    },
  );

  test('insecure allows it, and clients are told an address that they can dial', () => {
    const flags = {
      ...ENOUGH,
      peers: 'n1=node1:7401',
      client: '0.0.0.0:7400',
      peer: '0.0.0.0:7401',
      insecure: true,
    };
    const { settings } = resolveSettings({ flags });
    expect(settings.clientAdvertise).toEqual({ host: 'node1', port: 7400 });
    expect(settings.peerListen).toEqual({ host: '0.0.0.0', port: 7401 });
  });
});

test('a configuration file that cannot be read, or is not JSON, is named', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'quorate-settings-'));
  try {
    const file = path.join(folder, 'n1.json');
    await expect(readSettingsFile(file)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await writeFile(file, '{ "id": "n1", }');
    await expect(readSettingsFile(file)).rejects.toMatchObject({ message: expect.stringContaining(file) });
    await writeFile(file, '["n1"]');
    expect(refusal({ file: await readSettingsFile(file) }).message).toContain(
      'is not a JSON object of settings',
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
