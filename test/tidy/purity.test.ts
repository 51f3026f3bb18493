import { existsSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';

import { impurities, isPure, platformUses, PURE } from './purity.ts';
import { codeFiles, ROOT } from './repository.ts';

test('pure rooms know no clock, timer, promise, chance or process', () => {
  const files = codeFiles('src').filter((file) => isPure(file.path));
  expect(files.length).toBeGreaterThan(0);
  expect(files.flatMap(impurities)).toEqual([]);
});

test('every file and folder that is promised to be pure exists', () => {
  expect(PURE.filter((name) => !existsSync(path.join(ROOT, name)))).toEqual([]);
});

test('the SDK names nothing of Node or the DOM outside its two index files', () => {
  expect(codeFiles('src/client').flatMap(platformUses)).toEqual([]);
});

test.each([
  ['const now = Date.now();', 'a pure file may not use Date'],
  ['const now = new Date();', 'a pure file may not use Date'],
  ['const x = Math.random();', 'a pure file may not use Math.random'],
  ['setTimeout(go, 5);', 'a pure file may not use setTimeout'],
  ['let timer: ReturnType<typeof setInterval>;', 'a pure file may not use setInterval'],
  ['queueMicrotask(go);', 'a pure file may not use queueMicrotask'],
  ['declare function f(): Promise<void>;', 'a pure file may not use Promise'],
  ['const late = async () => 1;', 'a pure file does not wait'],
  ['class A { async go() {} }', 'a pure file does not wait'],
  ['console.log(1);', 'a pure file may not use console'],
  ['const { env } = process;', 'a pure file may not use process'],
  ['const o = { process };', 'a pure file may not use process'],
  ['const t = performance.now();', 'a pure file may not use performance'],
  ["const f = globalThis['Date'];", 'a pure file may not use globalThis'],
])('in a pure file %s is refused', (text, complaint) => {
  expect(impurities({ path: 'src/raft/a.ts', text })).toEqual([`src/raft/a.ts:1: ${complaint}`]);
});

test.each([
  'loop.process(input);',
  'const o = { process: 1, Date: 2 };',
  'interface A { process(x: number): void }',
  'const x = Math.max(1, 2);',
  "const text = 'new Date()'; // Date.now() in a comment",
])('in a pure file %s is allowed', (text) => {
  expect(impurities({ path: 'src/raft/a.ts', text })).toEqual([]);
});

test('in a shared file of the SDK Buffer is refused, in its Node entry it is allowed', () => {
  const text = 'const b = Buffer.alloc(1);';
  expect(platformUses({ path: 'src/client/engine.ts', text })).toEqual([
    'src/client/engine.ts:1: only the two index files may use Buffer',
  ]);
  expect(platformUses({ path: 'src/client/index.ts', text })).toEqual([]);
});
