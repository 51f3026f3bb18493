import { existsSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';

import {
  badName,
  LINES_MAX,
  looseTypes,
  machinePaths,
  retriedTests,
  silencedTests,
  tooLong,
} from './house-style.ts';
import { codeFiles, foldersIn, paths, ROOT, textFiles } from './repository.ts';

/** The one file whose default export is asked for by the tool that reads it. */
const VITEST_CONFIG = 'vitest.config.ts';
const THESE_RULES = 'test/tidy/house-style';

test(`no file of src is longer than ${LINES_MAX} lines`, () => {
  expect(codeFiles('src').flatMap(tooLong)).toEqual([]);
});

test('file names are kebab-case and name a subject', () => {
  expect(['src', 'test', 'scripts', 'docs', 'cluster'].flatMap(paths).flatMap(badName)).toEqual([]);
});

test('every room says what it is: each folder of src has a README.md', () => {
  const without = foldersIn('src').filter((room) => !existsSync(path.join(ROOT, 'src', room, 'README.md')));
  expect(without).toEqual([]);
});

test('no any, no non-null assertion, no default export, no silenced compiler, no TODO', () => {
  const files = codeFiles().filter((file) => file.path !== VITEST_CONFIG);
  expect(files.flatMap(looseTypes)).toEqual([]);
});

test('every test runs, and runs once', () => {
  const files = codeFiles('test');
  expect(files.flatMap(silencedTests)).toEqual([]);
  expect(files.flatMap(retriedTests)).toEqual([]);
});

test('no file names a path or a registry of the machine it was written on', () => {
  const files = textFiles().filter((file) => !file.path.startsWith(THESE_RULES));
  expect(files.flatMap(machinePaths)).toEqual([]);
});

test('a file of 301 lines is too long, one of 300 is not', () => {
  expect(tooLong({ path: 'src/raft/a.ts', text: 'x\n'.repeat(301) })).toEqual([
    'src/raft/a.ts: 301 lines; one subject fits in 300',
  ]);
  expect(tooLong({ path: 'src/raft/a.ts', text: 'x\n'.repeat(300) })).toEqual([]);
});

test.each([
  ['src/raft/logStore.ts', 'src/raft/logStore.ts: not kebab-case'],
  ['src/raft/log_store.ts', 'src/raft/log_store.ts: not kebab-case'],
  ['src/raft/utils.ts', 'src/raft/utils.ts: the name says nothing of the subject'],
])('the file name %s is refused', (name, complaint) => {
  expect(badName(name)).toEqual([complaint]);
});

test.each(['src/raft/log-store.ts', 'src/client/index.browser.ts', 'README.md', 'cluster/Dockerfile'])(
  'the file name %s is allowed',
  (name) => {
    expect(badName(name)).toEqual([]);
  },
);

test.each([
  ['const a: any = 1;', 'any'],
  ['const a = b as unknown as any[];', 'any'],
  ['const a = b!;', 'non-null !'],
  ['export default 1;', 'default export'],
  ['// @ts-ignore', '@ts-ignore'],
  ['/* @ts-nocheck */', '@ts-nocheck'],
  ['// @ts-expect-error because', '@ts-expect-error'],
  ['// TODO later', 'TODO'],
])('%s is refused', (text, complaint) => {
  expect(looseTypes({ path: 'src/a.ts', text })).toEqual([`src/a.ts:1: ${complaint}`]);
});

test.each([`const text = '// @ts-ignore';`, '// any number of them', 'const any = 1;'])(
  '%s is allowed',
  (text) => {
    expect(looseTypes({ path: 'src/a.ts', text })).toEqual([]);
  },
);

test.each(['test.only', 'it.skip', 'describe.todo', 'test.concurrent.skip', 'test.skipIf'])(
  '%s is refused',
  (call) => {
    expect(silencedTests({ path: 'test/a.test.ts', text: `${call}('a', () => {});` })).toEqual([
      `test/a.test.ts:1: ${call}`,
    ]);
  },
);

test('a retried test is refused', () => {
  expect(retriedTests({ path: 'test/a.test.ts', text: `test('a', { retry: 2 }, () => {});` })).toEqual([
    'test/a.test.ts:1: retry',
  ]);
});

test.each([
  ['', 'work', 'main', 'src'].join('/'),
  ['', 'farm', 'x'].join('/'),
  '/home/someone/x',
  ['https://registry', 'npmjs', 'org/ws'].join('.'),
])('the path %s is refused', (text) => {
  expect(machinePaths({ path: 'docs/a.md', text })).toHaveLength(1);
});

test.each(['/home/node/data', 'quorate://127.0.0.1:7400', 'framework/main'])(
  'the path %s is allowed',
  (text) => {
    expect(machinePaths({ path: 'docs/a.md', text })).toEqual([]);
  },
);
