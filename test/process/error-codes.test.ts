import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect, test } from 'vitest';

import { waitFor } from '../../scripts/support/wait-for.mjs';
import { connect, QuorateError } from '../../src/client/index.ts';
import { IDENTITY_FILE } from '../../src/storage/identity.ts';
import { seal } from '../../src/storage/sealed.ts';
import { WATERMARK_FILE } from '../../src/storage/watermark-slots.ts';
import { ERROR_CODES } from '../../src/wire/errors.ts';
import { startCluster, type Database } from '../support/cluster.ts';
import { ProcessCluster } from '../support/faults/process-cluster.ts';
import { quorate } from './cli-process.ts';

type Calls = Readonly<Record<string, (db: Database) => Promise<unknown>>>;

const MIB = 1024 * 1024;

/** Codes that a call of the SDK can bring about by itself, on a cluster that is well. */
const REFUSED: Calls = {
  CONFLICT: (db) => db.put('text', 'x', { ifAbsent: true }),
  INVALID_ARGUMENT: (db) => db.put('', 'x'),
  KEY_TOO_LARGE: (db) => db.get('k'.repeat(5_000)),
  VALUE_TOO_LARGE: (db) => db.put('x', new Uint8Array(2 * MIB)),
  REQUEST_TOO_LARGE: (db) => db.txn({ do: ['a', 'b'].map((put) => ({ put, value: new Uint8Array(MIB) })) }),
  RESULT_TOO_LARGE: (db) => db.txn({ do: Array.from({ length: 9 }, () => ({ get: 'large' })) }),
  NOT_A_COUNTER: (db) => db.increment('text'),
  COUNTER_OVERFLOW: (db) => db.increment('full', 1n),
  COMPACTED: (db) => db.get('text', { atRevision: 1 }),
  FUTURE_REVISION: (db) => db.get('text', { atRevision: 1_000_000 }),
  DUPLICATE_KEY: (db) => db.txn({ do: ['x', 'y'].map((value) => ({ put: 'twice', value })) }),
  TOO_MANY_OPERATIONS: (db) =>
    db.txn({ do: Array.from({ length: 129 }, (_, at) => ({ put: `${at}`, value: 'x' })) }),
  LEASE_NOT_FOUND: (db) => db.leases.renew(99n),
  LEASE_EXISTS: (db) => db.leases.grant({ id: 7n, ttlMs: 60_000 }),
  SESSION_EXPIRED: (db) => db.resolve('1/1'),
  ABORTED: (db) => db.get('text', { signal: AbortSignal.abort() }),
};

/** Who brings about the others. A node that does not start has no caller but the one who started it. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  NOT_FOUND: 'test/process/cli-keys.test.ts',
  NO_QUORUM: 'test/process/minority.test.ts',
  SHUTTING_DOWN: 'test/unit/client/skin.test.ts',
  TOO_MANY_LEASES: 'test/unit/client/sessions.test.ts',
  PROTOCOL_MISMATCH: 'test/unit/client/skin.test.ts',
  FRAME_INVALID: 'test/unit/client/skin.test.ts',
  INTERNAL: 'test/unit/client/scan.test.ts',
  WRONG_NODE: 'test/process/cli-start.test.ts',
  INCARNATION_FENCED: 'test/process/bootstrap.test.ts',
  CONFIG_INVALID: 'test/process/cli-start.test.ts',
  ADDRESS_IN_USE: 'test/process/cli-start.test.ts',
  DATA_LOCKED: 'test/process/cli-start.test.ts',
  DATA_DIR_UNUSABLE: 'test/process/cli-start.test.ts',
};

/** Of the tests below. */
const HERE = new Set<string>();

test('every refusal of a sound cluster reaches the caller under its own code', async () => {
  await using cluster = await startCluster({ nodes: 1 });
  const db = await cluster.connect();
  await db.put('text', 'x');
  await db.put('full', String(2n ** 63n - 1n));
  await db.put('large', new Uint8Array(MIB - 1));
  await db.leases.grant({ id: 7n, ttlMs: 60_000 });
  const { revision } = await db.put('text', 'y');
  await db.compact(revision);
  for (const [code, call] of Object.entries(REFUSED)) {
    expect(await codeOf(call(db)), code).toBe(code);
    HERE.add(code);
  }
  await db.close();
  await expectCode('CLOSED', db.get('text'));
  await expectCode('WRONG_CLUSTER', connect(cluster.endpoints, { clusterId: 'another' }));
  for (const node of cluster.nodes) await node.kill9();
  await expectCode('UNAVAILABLE', connect(cluster.endpoints, { timeoutMs: 300 }));
});

test('a node that hangs: what was sent is unknown, what had no room was not, and both can be cleared up', async () => {
  await using cluster = await startCluster({ nodes: 1 });
  const db = await cluster.connect();
  const [node] = cluster.nodes;
  await db.increment('n');
  node?.pause();
  const unheard = await failureOf(db.increment('n', 1n, { timeoutMs: 300 }));
  expect(unheard).toMatchObject({ code: 'TIMEOUT', outcome: 'unknown' });
  HERE.add('TIMEOUT');
  const crowd = Array.from({ length: 17_000 }, () => codeOf(db.get('n', { timeoutMs: 500 })));
  expect(await Promise.all(crowd)).toContain('OVERLOADED');
  HERE.add('OVERLOADED');
  node?.resume();

  const [session, sequence] = (unheard.details.operation ?? '').split('/');
  expect(['applied', 'not-applied']).toContain((await db.resolve(unheard)).outcome);
  expect(await db.resolve(`${session}/${Number(sequence) + 1}`)).toMatchObject({ outcome: 'not-applied' });
  await expectCode('RESOLVED_NEVER', db.increment('n'));
  await db.increment('n');
  await expectCode('SEQUENCE_ACKNOWLEDGED', db.resolve(`${session}/1`));
  await expectCode('TOO_MANY_UNACKNOWLEDGED', db.resolve(`${session}/100000`));
});

test('a disk that was damaged or fails is named by the node that ends because of it', async () => {
  await using cluster = await startCluster({ nodes: 1 });
  const db = await cluster.connect();
  await db.put('a', 'b');
  const [node] = cluster.nodes;
  if (node === undefined) throw new Error('a cluster of one has a node');
  await node.stop();
  const damages = {
    FORMAT_UNSUPPORTED: async (folder: string) =>
      await rewrite(path.join(folder, IDENTITY_FILE), (record) => seal(record, 99)),
    RECOVERING: async (folder: string) =>
      await rewrite(path.join(folder, WATERMARK_FILE), (slots) => slots.fill(0)),
    CORRUPT: async (folder: string) => await rm(path.join(folder, 'log', 'CURRENT')),
  };
  for (const [code, damage] of Object.entries(damages)) {
    await using copy = await copyOf(node.dataDir);
    await damage(copy.folder);
    const args = node.args.map((each) => (each === node.dataDir ? copy.folder : each));
    const { err } = await quorate(['start', ...args]);
    expect(err).toContain(`error[${code}]`);
    HERE.add(code);
  }
});

test('a sync that fails ends the node with IO_FAILED', async (context) => {
  HERE.add('IO_FAILED');
  await using cluster = await ProcessCluster.start({ nodes: 1 });
  const { failSync } = cluster.capabilities;
  if (!failSync.able) return context.skip(failSync.why);
  const [node] = cluster.nodes;
  if (node === undefined) throw new Error('a cluster of one has a node');
  const db = await cluster.connect({ timeoutMs: 1_000 });
  await cluster.failSync(node);
  await failureOf(db.put('a', 'b'));
  await waitFor('the node says why', async () => {
    const said = await cluster.said(node);
    return said.some((line) => line.includes('IO_FAILED')) ? true : undefined;
  });
});

test('no code of the table is without a test that meets it', async () => {
  for (const [code, file] of Object.entries(ELSEWHERE)) {
    expect(await readFile(file, 'utf8'), file).toContain(code);
  }
  expect([...HERE, ...Object.keys(ELSEWHERE)].toSorted()).toEqual(Object.keys(ERROR_CODES).toSorted());
});

async function expectCode(code: string, call: Promise<unknown>): Promise<void> {
  expect(await codeOf(call)).toBe(code);
  HERE.add(code);
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  return (await failureOf(call)).code;
}

async function failureOf(call: Promise<unknown>): Promise<QuorateError> {
  const error: unknown = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (QuorateError.is(error)) return error;
  throw new Error('the call did not fail');
}

async function copyOf(folder: string): Promise<AsyncDisposable & { readonly folder: string }> {
  const copy = await mkdtemp(path.join(tmpdir(), 'quorate-damaged-'));
  await cp(folder, copy, { recursive: true });
  return { folder: copy, [Symbol.asyncDispose]: () => rm(copy, { recursive: true }) };
}

async function rewrite(file: string, change: (bytes: Uint8Array) => unknown): Promise<void> {
  const bytes = await readFile(file);
  change(bytes);
  await writeFile(file, bytes);
}
