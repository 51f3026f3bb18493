import path from 'node:path';

import { expect, test } from 'vitest';

import { boundLockEntries, deadLinks, ENTRY_POINTS, loosePins, missingBuilds, record } from './manifest.ts';
import { readText, ROOT, textFiles } from './repository.ts';

const manifest = record(JSON.parse(readText('package.json')));
const lock = record(JSON.parse(readText('package-lock.json')));

test('every version is pinned exactly', () => {
  expect(loosePins(manifest)).toEqual([]);
});

test('the lockfile installs the same bytes anywhere: integrity for all, an address for none', () => {
  expect(boundLockEntries(lock)).toEqual([]);
});

test('the lockfile knows the builds for every platform, so that npm ci takes it on each', () => {
  expect(missingBuilds(lock)).toEqual([]);
});

test('the lockfile is that of this package.json', () => {
  const root = record(record(lock['packages'])['']);
  expect(root['version']).toBe(manifest['version']);
  expect(root['dependencies']).toEqual(manifest['dependencies']);
  expect(root['devDependencies']).toEqual(manifest['devDependencies']);
});

test('the public surface is exactly the entry points that were decided', () => {
  expect(Object.keys(record(manifest['exports']))).toEqual(ENTRY_POINTS);
});

test('the package says what it needs and ships only what runs or is read', () => {
  expect(manifest['type']).toBe('module');
  expect(manifest['license']).toBe('Apache-2.0');
  expect(record(manifest['engines'])['node']).toBe('>=20.19');
  expect(manifest['files']).toEqual(['dist', 'cluster', 'docs', 'CHANGELOG.md']);
  expect(record(manifest['bin'])).toEqual({ quorate: 'dist/cli/main.js' });
});

test('nothing runs at install time', () => {
  const scripts = Object.keys(record(manifest['scripts']));
  expect(scripts.filter((name) => /^(?:pre|post)?install$|^prepare$/u.test(name))).toEqual([]);
});

test('the changelog has a section for this version', () => {
  expect(readText('CHANGELOG.md')).toContain(`## ${String(manifest['version'])}`);
});

test('every link from one Markdown file to another leads somewhere', () => {
  const dead = textFiles()
    .filter((file) => file.path.endsWith('.md'))
    .flatMap((file) =>
      deadLinks(file.text, path.join(ROOT, path.dirname(file.path))).map((to) => `${file.path}: ${to}`),
    );
  expect(dead).toEqual([]);
});

test.each([
  '^1.2.3',
  '~1.2.3',
  '1.x',
  '*',
  'latest',
  '>=1.0.0',
  'file:../x',
  'git+https://example.org/x.git',
])('the version %s is refused', (version) => {
  expect(loosePins({ devDependencies: { a: version } })).toEqual([
    `devDependencies: a is ${version}, not an exact version`,
  ]);
});

test('a lock entry with an address, without integrity, or to a folder is refused', () => {
  const packages = {
    '': {},
    good: { integrity: 'sha512-a' },
    bound: { resolved: 'https://example.org/a.tgz', integrity: 'sha512-a' },
    bare: {},
    folder: { link: true },
    'another platform': { optional: true, os: ['darwin'] },
  };
  expect(boundLockEntries({ packages })).toEqual(['bound: resolved', 'bare: no integrity', 'folder: a link']);
});

test('a build that the lock names and lacks is found', () => {
  const owner = { optionalDependencies: { there: '1.0.0', 'not-there': '1.0.0' } };
  const packages = { 'node_modules/owner': owner, 'node_modules/there': {} };
  expect(missingBuilds({ packages })).toEqual(['not-there is missing: run node scripts/complete-lock.mjs']);
});

test('a dead link is found, one in a code block is not a link', () => {
  const text = '[a](docs/none.md) [b](https://example.org) [c](package.json#x)\n```\n[d](none)\n```\n';
  expect(deadLinks(text, ROOT)).toEqual(['docs/none.md']);
});
