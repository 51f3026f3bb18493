import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { build, type BuildResult } from 'esbuild';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';

import type { connect } from '../../src/client/index.browser.ts';
import { found, record, ScriptedNode, written } from '../unit/client/scripted-node.ts';

/** A page loads this before it can say anything: raising it is a decision. */
const GZIP_KIB_MAX = 40;

let result: BuildResult<{ metafile: true; write: false }>;
let code = '';

beforeAll(async () => {
  result = await build({
    entryPoints: ['src/client/index.browser.ts'],
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    minify: true,
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  code = result.outputFiles[0]?.text ?? '';
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test('nothing of Node, of ws or of the other rooms is in the bundle', () => {
  const inputs = Object.keys(result.metafile.inputs);
  const foreign = inputs.filter(
    (name) => !/^src\/(?:client|wire)\/|(?:^|\/)node_modules\/msgpackr\//u.test(name),
  );
  expect(foreign).toEqual([]);
  expect(result.warnings).toEqual([]);
  const imports = Object.values(result.metafile.inputs).flatMap((input) =>
    input.imports.map((each) => each.path),
  );
  const builtins = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
  expect(imports.filter((name) => builtins.has(name))).toEqual([]);
  expect(/\brequire\(/u.exec(code)?.[0]).toBeUndefined();
});

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}

test('the bundle is small enough for a page', () => {
  const packed = gzipSync(code).length;
  process.stdout.write(`browser bundle: ${kib(code.length)} minified, ${kib(packed)} with gzip\n`);
  expect(packed).toBeLessThan(GZIP_KIB_MAX * 1024);
});

test("with a browser's WebSocket the bundle reads and writes", async () => {
  vi.stubGlobal('WebSocket', WebSocket);
  await using node = await ScriptedNode.start({
    write: (message, to) => to.say(written(message.id, 8)),
    read: (message, to) => to.say(found(message, [record('a', 'b')])),
  });
  const sdk = await loaded();
  await using db = await sdk.connect(node.url);
  expect(await db.put('a', 'b')).toMatchObject({ revision: 8 });
  const [first, second] = await Promise.all([db.get('a'), db.get('a')]);
  expect([first?.text(), second?.key]).toEqual(['b', 'a']);
  expect(node.conversations[0]?.frames.map((frame) => frame.length)).toEqual([1, 1, 2]);
  await expect(sdk.connect('quorate://127.0.0.1:1', { timeoutMs: 200 })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
  });
});

/** As a page imports it: from a file of its own. */
async function loaded(): Promise<{ readonly connect: typeof connect }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'quorate-bundle-'));
  try {
    const file = path.join(folder, 'quorate.mjs');
    await writeFile(file, code);
    return await import(/* @vite-ignore */ file);
  } finally {
    await rm(folder, { recursive: true });
  }
}
