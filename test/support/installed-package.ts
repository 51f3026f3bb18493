import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { record } from '../tidy/manifest.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

/** The tarball of this repository, installed in an empty project of its own. */
export interface InstalledPackage extends AsyncDisposable {
  readonly folder: string;
  /** Paths in the tarball. */
  readonly files: readonly string[];
  /** Runs a program in the project's folder; rejects, with what it printed, unless it ends with 0. */
  run(command: string, args: readonly string[]): Promise<string>;
  write(name: string, text: string): Promise<void>;
}

export async function installPackage(): Promise<InstalledPackage> {
  const folder = await mkdtemp(path.join(tmpdir(), 'quorate-package-'));
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: ROOT });
  const { filename, files } = packed(stdout);
  await writeFile(
    path.join(folder, 'package.json'),
    JSON.stringify({ name: 'empty', private: true, type: 'module' }),
  );
  // Every dependency was just installed here, so the cache has it.
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', path.join(folder, filename)], {
    cwd: folder,
  });
  return {
    folder,
    files,
    async run(command, args) {
      return (await run(command, args, { cwd: folder })).stdout;
    },
    async write(name, text) {
      await writeFile(path.join(folder, name), text);
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function packed(json: string): { readonly filename: string; readonly files: readonly string[] } {
  const report: unknown = JSON.parse(json);
  const { filename, files } = record(Array.isArray(report) ? report[0] : report);
  if (typeof filename !== 'string' || !Array.isArray(files)) throw new Error(`npm pack said ${json}`);
  return { filename, files: files.map((file) => String(record(file)['path'])) };
}

/** The first `js` block of the README, pointed at other endpoints. */
export async function readmeExample(endpoints: readonly string[]): Promise<string> {
  const readme = await readFile(path.join(ROOT, 'README.md'), 'utf8');
  const code = /```js\n([\s\S]*?)```/u.exec(readme)?.[1];
  if (code === undefined) throw new Error('the README has no js block');
  const url = /quorate:\/\/[\d.:,]+/u;
  if (!url.test(code)) throw new Error('the example connects to nothing');
  return code.replace(url, `quorate://${endpoints.join(',')}`);
}
