import { existsSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';

import { impurities, platformUses, PURE, pureFiles } from './purity.ts';
import { codeFiles, ROOT } from './repository.ts';

test('pure rooms, and all that the loop is made of, know no clock, timer, promise, chance or process', () => {
  const files = pureFiles(codeFiles('src'));
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

test('what a pure file imports has to be pure as well, unless only its types are used', () => {
  const all = [
    { path: 'src/server/loop.ts', text: `import { a } from './a.ts'; import type { T } from './types.ts';` },
    { path: 'src/server/a.ts', text: `export { b } from '../wire/b.ts';` },
    { path: 'src/wire/b.ts', text: '' },
    { path: 'src/server/types.ts', text: '' },
    { path: 'src/server/other.ts', text: '' },
  ];
  const covered = pureFiles(all, ['src/server/loop.ts']).map((file) => file.path);
  expect(covered).toEqual(['src/server/loop.ts', 'src/server/a.ts', 'src/wire/b.ts']);
});

test('in a shared file of the SDK Buffer is refused, in its Node entry it is allowed', () => {
  const text = 'const b = Buffer.alloc(1);';
  expect(platformUses({ path: 'src/client/engine.ts', text })).toEqual([
    'src/client/engine.ts:1: only the two index files may use Buffer',
  ]);
  expect(platformUses({ path: 'src/client/index.ts', text })).toEqual([]);
});
