import { expect, test } from 'vitest';

import { LAW, unlawfulImports } from './import-law.ts';
import { codeFiles, foldersIn } from './repository.ts';

test('imports point one way: every import in src is one that the law of its room allows', () => {
  expect(codeFiles('src').flatMap(unlawfulImports)).toEqual([]);
});

test('every room has a row in the law', () => {
  expect(foldersIn('src').filter((room) => LAW[room] === undefined)).toEqual([]);
});

test('the law has no cycle: nobody is used by whom it uses', () => {
  const reaches = (from: string, to: string): boolean =>
    [...(LAW[from]?.uses ?? []), ...(LAW[from]?.knows ?? [])].some(
      (next) => next === to || reaches(next, to),
    );
  expect(Object.keys(LAW).filter((room) => reaches(room, room))).toEqual([]);
});

test.each([
  ['src/raft/a.ts', `import { b } from '../kv/b.ts';`, 'raft may not import from kv'],
  ['src/raft/a.ts', `import type { B } from '../wire/b.ts';`, 'raft may not import from wire'],
  ['src/raft/a.ts', `import { randomInt } from 'node:crypto';`, 'raft may not use Node (node:crypto)'],
  ['src/kv/a.ts', `export { pack } from 'msgpackr';`, 'kv may not use the package msgpackr'],
  ['src/kv/a.ts', `const level = await import('level');`, 'kv may not use the package level'],
  ['src/kv/a.ts', `type B = import('../wire/b.ts').B;`, 'kv may not import from wire'],
  [
    'src/wire/a.ts',
    `import { b } from '../raft/b.ts';`,
    'wire may know only the types of raft: use import type',
  ],
  [
    'src/wire/a.ts',
    `import { type B, c } from '../raft/b.ts';`,
    'wire may know only the types of raft: use import type',
  ],
  ['src/storage/a.ts', `import { b } from '../transport/b.ts';`, 'storage may not import from transport'],
  ['src/transport/a.ts', `import { WebSocket } from 'undici';`, 'transport may not use the package undici'],
  ['src/client/engine.ts', `import { WebSocket } from 'ws';`, 'client may not use the package ws'],
  ['src/client/engine.ts', `import fs from 'node:fs';`, 'client may not use Node (node:fs)'],
  ['src/client/index.ts', `import { b } from '../server/b.ts';`, 'client may not import from server'],
  ['src/server/a.ts', `import { b } from '../client/b.ts';`, 'server may not import from client'],
  ['src/cli/a.ts', `import { b } from './b.js';`, 'write the extension .ts: ./b.js'],
  [
    'src/cli/a.ts',
    `import { b } from '../../test/b.ts';`,
    'src may not reach out of itself (../../test/b.ts)',
  ],
  ['src/cli/a.ts', `import { b } from '@scope/name/deep';`, 'cli may not use the package @scope/name'],
])('%s: %s is refused', (path, text, complaint) => {
  expect(unlawfulImports({ path, text })).toEqual([`${path}:1: ${complaint}`]);
});

test('a room that nobody has decided about is refused', () => {
  expect(unlawfulImports({ path: 'src/attic/a.ts', text: '' })).toEqual([
    'src/attic/a.ts: no row for the room attic in the import law',
  ]);
});

test.each([
  ['src/wire/a.ts', `import type { B } from '../raft/b.ts';`],
  ['src/wire/a.ts', `import { type B } from '../raft/b.ts'; import { pack } from 'msgpackr';`],
  ['src/client/index.ts', `import { WebSocket } from 'ws'; import os from 'node:os';`],
  ['src/server/a.ts', `import { b } from '../raft/deep/b.ts'; import { c } from './c.ts';`],
])('%s: %s is allowed', (path, text) => {
  expect(unlawfulImports({ path, text })).toEqual([]);
});
