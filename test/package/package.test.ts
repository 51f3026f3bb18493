import path from 'node:path';

import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startDemo } from '../support/demo.ts';
import { installPackage, readmeExample, type InstalledPackage } from '../support/installed-package.ts';
import { record } from '../tidy/manifest.ts';
import { readText, ROOT } from '../tidy/repository.ts';

/** What the README's example prints, in order, as its comments say. */
const PRINTED = [
  /^one true$/u,
  /^CONFLICT not-applied$/u,
  /^true$/u,
  /^true one$/u,
  /^config\/a two and a half$/u,
  /^local \w+$/u,
  // Of the revoked lease, then of the range.
  /^1$/u,
  /^1$/u,
];

const SHIPPED = [
  /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md)$/u,
  /^dist\/[\w./-]+\.(?:js|js\.map|d\.ts|html|css|svg)$/u,
  /^docs\/[\w./-]+\.(?:md|svg)$/u,
  /^cluster\/[\w./-]+$/u,
];

let installed: InstalledPackage;

beforeAll(async () => {
  installed = await installPackage();
});

afterAll(async () => {
  await installed[Symbol.asyncDispose]();
});

test('the tarball holds what runs or is read, and nothing else', () => {
  expect(installed.files.filter((name) => !SHIPPED.some((pattern) => pattern.test(name)))).toEqual([]);
  const wanted = ['dist/cli/main.js', 'dist/client/index.js', 'dist/client/index.browser.js', 'LICENSE'];
  expect(wanted.filter((name) => !installed.files.includes(name))).toEqual([]);
});

test('publint finds nothing to say', async () => {
  const pkgDir = path.join(installed.folder, 'node_modules/quorate');
  const { messages, pkg } = await publint({ pkgDir, pack: false, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test('the public entry points resolve, and nothing behind them does', async () => {
  const entries = ['quorate', 'quorate/server', 'quorate/testing', 'quorate/package.json'];
  const hidden = [
    'quorate/client',
    'quorate/wire',
    'quorate/dist/client/index.js',
    'quorate/src/client/index.ts',
  ];
  await installed.write(
    'resolve.mjs',
    `const tell = async (name) => {
       const options = name.endsWith('.json') ? { with: { type: 'json' } } : {};
       return await import(name, options).then(() => 'ok', (error) => error.code);
     };
     console.log(JSON.stringify(await Promise.all(${JSON.stringify([...entries, ...hidden])}.map(tell))));`,
  );
  const answers: unknown = JSON.parse(await installed.run('node', ['--no-warnings', 'resolve.mjs']));
  expect(answers).toEqual([...entries.map(() => 'ok'), ...hidden.map(() => 'ERR_PACKAGE_PATH_NOT_EXPORTED')]);
});

test('the installed command knows its version', async () => {
  const { version } = record(JSON.parse(readText('package.json')));
  expect(await installed.run('node_modules/.bin/quorate', ['--version'])).toBe(`${String(version)}\n`);
});

test("the README's example does what it says, as JavaScript and as TypeScript", async () => {
  await using demo = await startDemo('node_modules/.bin/quorate', installed.folder);
  const example = await readmeExample(demo.endpoints);

  await installed.write('example.mjs', example);
  expectPrinted(await installed.run('node', ['example.mjs']));

  // No types of Node, and the package's own declarations checked too: what a program for browsers would see.
  await installed.write('typed.ts', example);
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    types: [],
    lib: ['es2023', 'esnext.disposable', 'dom'],
    target: 'es2022',
    module: 'nodenext',
    outDir: 'out',
  };
  await installed.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['typed.ts'] }));
  await installed.run(path.join(ROOT, 'node_modules/.bin/tsc'), ['-p', '.']);
  expectPrinted(await installed.run('node', ['out/typed.js']));
});

function expectPrinted(output: string): void {
  const lines = output.trimEnd().split('\n');
  expect(lines).toHaveLength(PRINTED.length);
  PRINTED.forEach((pattern, index) => expect(lines[index]).toMatch(pattern));
}
