import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { closeFolder, foundedNodes, openFolder } from '../../../src/cli/demo/folder.ts';
import { assertPortsFree, planNodes, portIsFree } from '../../../src/cli/demo/ports.ts';
import { splitWords } from '../../../src/cli/demo/words.ts';

describe('a line of the shell', () => {
  test.each([
    ['', []],
    ['   ', []],
    ['# only a comment', []],
    ['get a # and why', ['get', 'a']],
    ['put a#b c', ['put', 'a#b', 'c']],
    ["put a 'b  c'", ['put', 'a', 'b  c']],
    ["put a ''", ['put', 'a', '']],
    ["put a '\\n'", ['put', 'a', '\\n']],
    ['put a "b\\n\\"c\\\\"', ['put', 'a', 'b\n"c\\']],
    ['put a b\\ c', ['put', 'a', 'b c']],
    ['put a"b"\'c\' d', ['put', 'abc', 'd']],
    ['\tget\ta\t', ['get', 'a']],
  ])('%j', (line, words) => {
    expect(splitWords(line)).toEqual(words);
  });

  test.each(["put a 'b", 'put a "b', 'put a "b\\"'])('%j lacks its closing quote', (line) => {
    expect(() => splitWords(line)).toThrow(/is not closed/);
  });
});

describe('ports', () => {
  test('node i takes --port + 10 i for clients and one more for peers', () => {
    expect(planNodes(3, 7400)).toEqual([
      { id: 'n1', clientPort: 7400, peerPort: 7401 },
      { id: 'n2', clientPort: 7410, peerPort: 7411 },
      { id: 'n3', clientPort: 7420, peerPort: 7421 },
    ]);
  });

  test('one taken is named with its purpose, and a --port is offered from which all are free', async () => {
    const taken = new Set([7411, 7500, 7621]);
    const isFree = (port: number): Promise<boolean> => Promise.resolve(!taken.has(port));
    await expect(assertPortsFree(planNodes(3, 7400), isFree)).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
      message: 'port 7411 (for peers of n2) is taken by another process',
      details: { hint: 'quorate demo --port 7700 has all its ports free' },
    });
  });

  test('a port on which somebody listens, on loopback or everywhere, is not free', async () => {
    for (const host of ['127.0.0.1', '0.0.0.0', '::']) {
      const server = createServer();
      await new Promise<void>((resolve) => {
        server.listen(0, host, resolve);
      });
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      expect(await portIsFree(port), host).toBe(false);
      await new Promise((resolve) => {
        server.close(resolve);
      });
      expect(await portIsFree(port), host).toBe(true);
    }
  });
});

describe('the folder', () => {
  test('of the user is kept, and remembers how many nodes founded it', async () => {
    await using place = await scratch();
    const kept = path.join(place.path, 'deep', 'demo');
    expect(await foundedNodes(kept)).toBe(null);
    await closeFolder(await openFolder(kept, 5));
    expect(await foundedNodes(kept)).toBe(5);
  });

  test('without a name is temporary, and gone at the end', async () => {
    const folder = await openFolder(undefined, 3);
    expect(folder.temporary).toBe(true);
    await closeFolder(folder);
    await expect(readdir(folder.path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('of somebody else is not touched', async () => {
    await using place = await scratch();
    await writeFile(path.join(place.path, 'letter.txt'), 'mine');
    await expect(foundedNodes(place.path)).rejects.toMatchObject({ code: 'DATA_DIR_UNUSABLE' });
    await expect(foundedNodes(path.join(place.path, 'letter.txt'))).rejects.toMatchObject({
      code: 'DATA_DIR_UNUSABLE',
    });
    expect(await readdir(place.path)).toEqual(['letter.txt']);
  });
});

async function scratch(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'quorate-demo-test-'));
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
